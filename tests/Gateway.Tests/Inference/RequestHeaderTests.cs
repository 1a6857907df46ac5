using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>What callers say of themselves in headers (inference §2).</summary>
public sealed class RequestHeaderTests(GatewayHost host) : IClassFixture<GatewayHost>
{
    [Theory]
    [InlineData("HTTP-Referer")]
    [InlineData("Referer")]
    public async Task App_IsOnTheRecord(string header)
    {
        using var response = await SendAsync(header, "https://app.example/");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        var record = JsonNode.Parse(await host.Client.GetStringAsync($"api/v1/generation?id={response.Headers.GetValues("X-Generation-Id").Single()}"))!["data"]!;
        Assert.Equal("https://app.example/", (string?)record["http_referer"]);
        Assert.Equal("https://app.example/", (string?)record["origin"]);
    }

    [Theory]
    [InlineData(256, HttpStatusCode.OK)]
    [InlineData(257, HttpStatusCode.BadRequest)]
    public async Task Session_IsBoundedAsInTheBody(int length, HttpStatusCode expected)
    {
        using var response = await SendAsync("X-Session-Id", new string('s', length));

        Assert.Equal(expected, response.StatusCode);
    }

    private async Task<HttpResponseMessage> SendAsync(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/chat/completions")
        {
            Content = new StringContent("""{"model":"acme/openai","messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json"),
        };
        Assert.True(request.Headers.TryAddWithoutValidation(header, value));
        return await host.Client.SendAsync(request);
    }
}
