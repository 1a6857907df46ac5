using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;

namespace Fairlead.Protocols.Tests.ChatClient;

public sealed class AllocationTests
{
    /// <summary>A record of all fields, the strings that are needed, and nothing else.</summary>
    [Fact]
    public void SmallRequest_AllocatesOneRecordAndItsModelName()
    {
        var body = Encoding.UTF8.GetBytes("""
            {"model":"anthropic/claude-sonnet-4.5","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"Say hello."}],"max_tokens":100,"temperature":0.7,"stream":true}
            """);
        CanonicalRequest? request = null;
        for (var i = 0; i < 200; i++)
            request = ChatCompletionsDialect.Default.ReadRequest(body).Request;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            request = ChatCompletionsDialect.Default.ReadRequest(body).Request;
        var perRequest = (GC.GetAllocatedBytesForCurrentThread() - before) / 100;

        Assert.NotNull(request);
        Assert.InRange(perRequest, 1, 560);
    }
}
