using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Billing;

/// <summary>One request, with the caller in the test's hand.</summary>
internal sealed class BillingCase : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly GatewayHost gateway;
    private readonly RequestProbe.Seen seen;
    private readonly CancellationTokenSource leave = new();
    private readonly HttpClient client;
    private readonly Task<HttpResponseMessage> response;
    private readonly StringBuilder received = new();

    public BillingCase(GatewayHost gateway, HttpRequestMessage request, RequestProbe.Seen seen)
    {
        this.gateway = gateway;
        this.seen = seen;
        // Closes its connection at once when it leaves: the default one goes on reading for two seconds.
        client = new HttpClient(new SocketsHttpHandler { MaxResponseDrainSize = 0, ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = gateway.Client.BaseAddress };
        client.DefaultRequestHeaders.Authorization = gateway.Client.DefaultRequestHeaders.Authorization;
        response = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leave.Token);
    }

    /// <summary>What the caller read so far.</summary>
    public string Received => received.ToString();

    /// <summary>Reads until a word of the answer is there.</summary>
    public async Task ReadUntilAsync(string text)
    {
        var stream = await (await response.WaitAsync(Patience)).Content.ReadAsStreamAsync();
        var buffer = new byte[4096];
        while (!Received.Contains(text, StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience);
            Assert.True(count > 0, $"the stream ended before \"{text}\": {Received}");
            received.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }

    /// <summary>Reads all there is; the status.</summary>
    public async Task<int> ReadToEndAsync()
    {
        var whole = await response.WaitAsync(Patience);
        received.Append(await whole.Content.ReadAsStringAsync().WaitAsync(Patience));
        return (int)whole.StatusCode;
    }

    /// <summary>Closes the caller's connection and waits until the server has noticed.</summary>
    public async Task<long> LeaveAsync()
    {
        await leave.CancelAsync();
        if (response.IsCompletedSuccessfully)
            (await response).Dispose();
        else
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => response);
        return await seen.Left.Task.WaitAsync(Patience);
    }

    /// <summary>The record, once the request is over.</summary>
    public async Task<JsonNode> RecordAsync() => await gateway.GenerationAsync(await seen.Done.Task.WaitAsync(Patience));

    public void Dispose()
    {
        client.Dispose();
        leave.Dispose();
    }
}
