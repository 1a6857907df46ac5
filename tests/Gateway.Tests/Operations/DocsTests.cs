using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary><c>/openapi.json</c> and <c>/docs</c>.</summary>
public sealed class DocsTests(GatewayHost gateway) : IClassFixture<GatewayHost>
{
    [Fact]
    public async Task OpenApi_DescribesTheEndpointsThereAre()
    {
        using var response = await gateway.Anonymous.GetAsync("openapi.json");
        var document = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();

        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("3.1", (string?)document["openapi"], StringComparison.Ordinal);
        var paths = document["paths"]!.AsObject();
        foreach (var path in (string[])
            ["/api/v1/chat/completions", "/api/v1/cost/simulate", "/api/v1/models", "/api/v1/generation", "/api/v1/credits", "/api/v1/key", "/api/v1/keys",
            "/api/v1/keys/{hash}", "/api/v1/activity", "/api/v1/account/settings", "/api/v1/presets", "/api/v1/presets/{slug}/chat/completions", "/healthz", "/metrics"])
            Assert.True(paths.ContainsKey(path), path);
        Assert.False(paths.ContainsKey("/command"), "the control socket is nobody's API");
        Assert.All(paths.SelectMany(path => path.Value!.AsObject()), operation => Assert.NotEqual("", (string?)operation.Value!["summary"] ?? ""));
        var chat = paths["/api/v1/chat/completions"]!["post"]!;
        Assert.NotNull(chat["security"]);
        Assert.Null(paths["/healthz"]!["get"]!["security"]);
        Assert.NotNull(chat["requestBody"]);
        Assert.True(chat["responses"]!.AsObject().ContainsKey("402"));
        Assert.NotNull(paths["/api/v1/keys"]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]);
        Assert.True(paths["/api/v1/keys"]!["post"]!["responses"]!.AsObject().ContainsKey("201"));
    }

    [Fact]
    public async Task OpenApi_AsYaml_SaysTheSame()
    {
        using var response = await gateway.Anonymous.GetAsync("openapi.yaml");
        var yaml = await response.Content.ReadAsStringAsync();

        Assert.Equal("application/yaml", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("\nopenapi: ", "\n" + yaml, StringComparison.Ordinal);
        Assert.Matches("\n  '?/api/v1/chat/completions'?:", yaml);
    }

    [Fact]
    public async Task OpenApi_IsTheSameBytesEveryTime()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => gateway.Anonymous.GetByteArrayAsync("openapi.json")));

        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
    }

    [Fact]
    public async Task DocsPage_LoadsOnlyItsOwnFilesAndNoInlineScript()
    {
        using var response = await gateway.Anonymous.GetAsync("docs");
        var html = await response.Content.ReadAsStringAsync();

        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self';", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.All(Regex.Matches(html, "<script[^>]*>([^<]*)</script>"), script => Assert.Equal("", script.Groups[1].Value));
        var sources = Regex.Matches(html, " src=\"([^\"]*)\"").Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(sources);
        foreach (var source in sources)
        {
            Assert.StartsWith("/", source, StringComparison.Ordinal);
            using var file = await gateway.Anonymous.GetAsync(source.TrimStart('/'));
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
            Assert.Equal("text/javascript", file.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task VendoredFiles_ComeWithTheirLicenceAndNothingElseIsServed()
    {
        Assert.Contains("MIT", await gateway.Anonymous.GetStringAsync("lib/scalar/LICENSE"), StringComparison.Ordinal);
        foreach (var path in (string[])["lib/../fairlead.dll", "lib/%2e%2e/%2e%2e/fairlead.dll", "lib/..%2f..%2ffairlead.dll", "lib/", "lib/scalar"])
        {
            using var response = await gateway.Anonymous.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }
}
