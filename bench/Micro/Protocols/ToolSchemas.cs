using System.Text;
using BenchmarkDotNet.Attributes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Google.GenerateContent;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;

namespace Fairlead.Micro.Protocols;

/// <summary>
/// What a tool adds to a request that is written for Gemini 2.5 or later: a schema that is sent as it is, one as pydantic writes them, and one of which a limit has to
/// be told in words, which the compiler does.
/// </summary>
[MemoryDiagnoser]
public class ToolSchemas
{
    private const int Tools = 20;

    private static readonly UpstreamTarget Target = new()
    {
        Protocol = UpstreamProtocol.Gemini,
        Provider = "google-ai-studio",
        Model = "gemini-2.5-flash",
        Slug = "google/gemini-2.5-flash",
        Supported = (ParameterSet)ulong.MaxValue,
    };

    private readonly Sink _sink = new();
    private CanonicalRequest _request = null!;

    [Params("plain", "pydantic", "compiled")]
    public string Schema { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        var schema = Schema switch
        {
            "plain" => """{"type":"object","properties":{"location":{"type":"string","description":"The city and state, e.g. San Francisco, CA"},"unit":{"type":"string","enum":["celsius","fahrenheit"]},"days":{"type":"array","items":{"type":"integer","minimum":1,"maximum":14}}},"required":["location"],"additionalProperties":false,"$schema":"http://json-schema.org/draft-07/schema#"}""",
            "pydantic" => """{"properties":{"location":{"description":"The city and state, e.g. San Francisco, CA","title":"Location","type":"string"},"unit":{"anyOf":[{"enum":["celsius","fahrenheit"],"type":"string"},{"type":"null"}],"default":null,"title":"Unit"},"days":{"items":{"type":"integer"},"title":"Days","type":"array"}},"required":["location","days"],"title":"Weather","type":"object"}""",
            _ => """{"type":"object","properties":{"location":{"type":"string","description":"The city and state, e.g. San Francisco, CA","minLength":2},"unit":{"type":"string","enum":["celsius","fahrenheit"]},"days":{"type":"array","items":{"type":"integer","minimum":1,"maximum":14}}},"required":["location"],"additionalProperties":false}""",
        };
        var tools = string.Join(',', Enumerable.Range(0, Tools).Select(i => $$$"""{"type":"function","function":{"name":"weather_{{{i}}}","description":"The weather","parameters":{{{schema}}}}}"""));
        _request = ChatCompletionsDialect.Default.ReadRequest(Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[{{tools}}]}""")).Request
            ?? throw new InvalidOperationException("The request cannot be read.");
        if (Write() is not null)
            throw new InvalidOperationException("The request cannot be written.");
    }

    [Benchmark(OperationsPerInvoke = Tools)]
    public object? Write() => GeminiDialect.Instance.WriteRequest(_request, Target, new UpstreamCall { Stream = true }, _sink);
}
