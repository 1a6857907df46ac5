using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Operations;

public sealed class HealthTests(GatewayHost gateway) : IClassFixture<GatewayHost>
{
    [Fact]
    public async Task Running_HealthAndReadySayYes()
    {
        var health = await gateway.Anonymous.GetFromJsonAsync<JsonObject>("healthz");
        var ready = await gateway.Anonymous.GetFromJsonAsync<JsonObject>("readyz");

        Assert.Equal("ok", (string?)health!["status"]);
        Assert.Equal("ready", (string?)ready!["status"]);
    }

    [Fact]
    public async Task UnknownAddress_AnswersInTheShapeOfTheContract()
    {
        using var response = await gateway.Anonymous.GetAsync("api/v1/nothing-here");
        var body = await response.Content.ReadFromJsonAsync<JsonObject>();

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(404, (int)body!["error"]!["code"]!);
        Assert.Equal("not_found", (string?)body["error"]!["metadata"]!["error_type"]);
    }

    [Fact]
    public async Task WrongMethod_Answers405AndNamesTheRightOne()
    {
        using var response = await gateway.Anonymous.PostAsync("healthz", content: null);
        var body = await response.Content.ReadFromJsonAsync<JsonObject>();

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Contains("GET", response.Content.Headers.Allow);
        Assert.Equal(405, (int)body!["error"]!["code"]!);
    }

    [Fact]
    public async Task EveryAnswer_DoesNotNameTheServersSoftware()
    {
        using var response = await gateway.Anonymous.GetAsync("healthz");

        Assert.False(response.Headers.Contains("Server"));
    }
}
