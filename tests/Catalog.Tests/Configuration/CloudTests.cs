using System.Security.Cryptography;
using System.Text.Json;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Tests.Configuration;

/// <summary>Providers whose endpoints are spread over regions: who is live, and where and in which format each endpoint is called.</summary>
public sealed class CloudTests
{
    private const string Aws = "https://bedrock-runtime.{AWS_REGION}.amazonaws.com";
    private const string Google = "https://{GOOGLE_VERTEX_LOCATION}-aiplatform.googleapis.com/v1";

    private static readonly Dictionary<string, string> AwsKey = new(StringComparer.Ordinal) { ["AWS_REGION"] = "eu-central-1", ["AWS_BEARER_TOKEN_BEDROCK"] = "key" };

    [Theory]
    [InlineData("cloud", "us.amazon.nova-pro-v1:0", UpstreamProtocol.Bedrock, "eu-central-1")]
    [InlineData("cloud/us-east-1", "us.amazon.nova-pro-v1:0", UpstreamProtocol.Bedrock, "us-east-1")]
    [InlineData("cloud/global", "global.anthropic.claude-opus-5", UpstreamProtocol.AnthropicMessages, "eu-central-1")]
    [InlineData("cloud/eu-west-1", "eu.anthropic.claude-haiku-4-5-20251001-v1:0", UpstreamProtocol.AnthropicMessages, "eu-west-1")]
    public void Bedrock_IsCalledInTheRegionOfTheTag_ClaudeInItsOwnFormat(string tag, string model, UpstreamProtocol protocol, string region)
    {
        var endpoint = Endpoint("bedrock", Aws, tag, model, AwsKey, "\"api_key_env\": \"AWS_BEARER_TOKEN_BEDROCK\",");
        Assert.Equal((protocol, CloudHost.Bedrock, region), (endpoint.Target!.Protocol, endpoint.Target.Host, endpoint.Target.Region));
        Assert.Equal($"https://bedrock-runtime.{region}.amazonaws.com", endpoint.BaseUrl);
    }

    [Theory]
    [InlineData("cloud/global", "gemini-2.5-pro", UpstreamProtocol.Gemini, "https://aiplatform.googleapis.com/v1", "/projects/p-1/locations/global/publishers/google")]
    [InlineData("cloud/europe", "claude-opus-5", UpstreamProtocol.AnthropicMessages, "https://aiplatform.eu.rep.googleapis.com/v1", "/projects/p-1/locations/eu/publishers/anthropic")]
    [InlineData("cloud/us-south1", "qwen/qwen3-maas", UpstreamProtocol.OpenAIChat, "https://us-south1-aiplatform.googleapis.com/v1", "/projects/p-1/locations/us-south1/endpoints/openapi")]
    [InlineData("cloud", "gemini-2.5-pro", UpstreamProtocol.Gemini, "https://us-central1-aiplatform.googleapis.com/v1", "/projects/p-1/locations/us-central1/publishers/google")]
    public void Vertex_IsCalledAtTheLocationOfTheTag_InTheFormatOfTheAuthor(string tag, string model, UpstreamProtocol protocol, string address, string prefix)
    {
        using var file = new KeyFile();
        var endpoint = Endpoint("vertex", Google, tag, model, Environment(file), "");
        Assert.Equal((protocol, CloudHost.Vertex, prefix), (endpoint.Target!.Protocol, endpoint.Target.Host, endpoint.Target.PathPrefix));
        Assert.Equal(address, endpoint.BaseUrl);
        Assert.Equal("p-1", endpoint.Provider.Cloud!.Project);
    }

    [Theory]
    [InlineData("https://r.openai.azure.com/openai/v1", "", "gpt-4o", UpstreamProtocol.OpenAIChat, "https://r.openai.azure.com/openai/v1", "", "")]
    [InlineData("https://r.openai.azure.com", "preview", "gpt-4o", UpstreamProtocol.OpenAIChat, "https://r.openai.azure.com/openai/v1", "", "?api-version=preview")]
    [InlineData("https://r.openai.azure.com/openai/v1", "2024-10-21", "my gpt", UpstreamProtocol.OpenAIChat, "https://r.openai.azure.com/openai", "/deployments/my%20gpt", "?api-version=2024-10-21")]
    [InlineData("https://r.services.ai.azure.com/openai", "2025-04-01-preview", "d", UpstreamProtocol.OpenAIChat, "https://r.services.ai.azure.com/openai", "/deployments/d", "?api-version=2025-04-01-preview")]
    [InlineData("https://r.openai.azure.com/openai/v1", "2024-10-21", "claude-opus-5", UpstreamProtocol.AnthropicMessages, "https://r.services.ai.azure.com/anthropic/v1", "", "")]
    [InlineData("https://r.cognitiveservices.azure.com", "", "claude-opus-5", UpstreamProtocol.AnthropicMessages, "https://r.services.ai.azure.com/anthropic/v1", "", "")]
    [InlineData("https://proxy.example/azure/openai/v1", "", "claude-opus-5", UpstreamProtocol.AnthropicMessages, "https://proxy.example/azure/anthropic/v1", "", "")]
    public void Azure_IsCalledInTheFormOfItsVersion_ClaudeAtFoundry(
        string address, string version, string model, UpstreamProtocol protocol, string called, string prefix, string query)
    {
        var members = version.Length == 0 ? "" : $$"""
            "azure": { "api_version": "{{version}}" },
            """;
        var endpoint = Endpoint("azure-openai", address, "cloud", model, [], members);
        Assert.Equal((protocol, CloudHost.Azure), (endpoint.Target!.Protocol, endpoint.Target.Host));
        Assert.Equal((called, prefix, query), (endpoint.BaseUrl, endpoint.Target.PathPrefix, endpoint.Target.PathQuery));
    }

    [Theory]
    [InlineData("openai/gpt-5.1-codex", null, UpstreamProtocol.OpenAIResponses)]
    [InlineData("openai/gpt-5.4-pro", null, UpstreamProtocol.OpenAIResponses)]
    [InlineData("openai/gpt-5.4", null, UpstreamProtocol.OpenAIChat)]
    [InlineData("openai/gpt-5.4", "openai-responses", UpstreamProtocol.OpenAIResponses)]
    [InlineData("openai/gpt-5.1-codex", "openai-chat", UpstreamProtocol.OpenAIChat)]
    [InlineData("anthropic/claude-opus-5", null, UpstreamProtocol.AnthropicMessages)]
    public void Azure_SpeaksTheFormatOfTheModel_UnlessToldOtherwise(string model, string? said, UpstreamProtocol protocol)
    {
        var outcome = Build.From(_ => null, $$$"""
            {"providers":[{"slug":"my-azure","protocol":"azure-openai","base_url":"https://r.openai.azure.com","api_key":"k","azure":{"deployment":"the-one"}}],
             "models":[{"id":"{{{model}}}","context_length":1000,"endpoints":[{"provider":"my-azure",{{{(said is null ? "" : $"\"protocol\":\"{said}\",")}}}"pricing":{"prompt":"0","completion":"0"}}]}]}
            """);
        Assert.Empty(outcome.Mistakes);
        var target = outcome.Snapshot!.Find(model)!.Endpoints.Single().Target!;
        Assert.Equal((protocol, "the-one"), (target.Protocol, target.Model));
    }

    [Fact]
    public void Azure_VersionThatIsNone_IsAMistake()
    {
        var outcome = Build.From(_ => null, """
            {"providers":[{"slug":"my-azure","protocol":"azure-openai","base_url":"https://r.openai.azure.com","azure":{"api_version":"latest"}}],"models":[]}
            """);
        Assert.Contains("must be a date", Assert.Single(outcome.Mistakes).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void OwnAddress_StaysAsItIs()
    {
        var endpoint = Endpoint("bedrock", "https://bedrock.internal.example/x", "cloud/us-east-1", "us.amazon.nova-pro-v1:0", AwsKey, "\"api_key_env\": \"AWS_BEARER_TOKEN_BEDROCK\",");
        Assert.Equal("https://bedrock.internal.example/x", endpoint.BaseUrl);
    }

    [Theory]
    [InlineData("bedrock", Aws, "", "no region is set")]
    [InlineData("bedrock", Aws, "AWS_REGION=eu-west-1", "no key is set")]
    [InlineData("bedrock", Aws, "AWS_REGION=eu-west-1;AWS_ACCESS_KEY_ID=x", "no key is set")]
    [InlineData("bedrock", Aws, "AWS_REGION=evil.example/;AWS_ACCESS_KEY_ID=x;AWS_SECRET_ACCESS_KEY=y", "region is not usable")]
    [InlineData("vertex", Google, "", "no service account is set")]
    [InlineData("vertex", Google, "GOOGLE_APPLICATION_CREDENTIALS=/nowhere/key.json", "does not exist")]
    public void WhatIsMissing_IsNamed(string protocol, string address, string environment, string expected)
    {
        var variables = environment.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal);
        var provider = Provider(protocol, address, "cloud", "us.amazon.nova-pro-v1:0", variables, "");
        Assert.False(provider.Live);
        Assert.Contains(expected, provider.NotLive, StringComparison.Ordinal);
    }

    [Fact]
    public void SigningKeys_ComeFromTheEnvironmentOrWholeFromTheFile()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AWS_DEFAULT_REGION"] = "eu-west-1", ["AWS_ACCESS_KEY_ID"] = "env-id", ["AWS_SECRET_ACCESS_KEY"] = "env-secret", ["AWS_SESSION_TOKEN"] = "env-token",
        };
        Assert.Equal(new AwsCredentials("env-id", "env-secret", "env-token"), Provider("bedrock", Aws, "cloud", "m", environment, "").Cloud!.Aws);
        var written = Provider("bedrock", Aws, "cloud", "m", environment, """ "aws": { "access_key_id": "id", "secret_access_key": "secret" }, """);
        Assert.Equal(new AwsCredentials("id", "secret", null), written.Cloud!.Aws);
        Assert.DoesNotContain("secret", written.Cloud.ToString(), StringComparison.Ordinal);
    }

    private static ModelEndpoint Endpoint(string protocol, string address, string tag, string model, Dictionary<string, string> environment, string members) =>
        Load(protocol, address, tag, model, environment, members).Find("acme/m")!.Endpoints.Single();

    private static Provider Provider(string protocol, string address, string tag, string model, Dictionary<string, string> environment, string members) =>
        Load(protocol, address, tag, model, environment, members).Providers.Single();

    private static CatalogSnapshot Load(string protocol, string address, string tag, string model, Dictionary<string, string> environment, string members)
    {
        var outcome = Build.From(name => environment.GetValueOrDefault(name), $$$"""
            {"providers":[{"slug":"cloud","protocol":"{{{protocol}}}",{{{members}}}"base_url":"{{{address}}}"}],
             "models":[{"id":"acme/m","context_length":1000,"endpoints":[{"provider":"cloud","tag":"{{{tag}}}","model":"{{{model}}}","pricing":{"prompt":"0","completion":"0"}}]}]}
            """);
        Assert.Empty(outcome.Mistakes);
        return outcome.Snapshot!;
    }

    private static Dictionary<string, string> Environment(KeyFile file) => new(StringComparer.Ordinal)
    {
        ["GOOGLE_APPLICATION_CREDENTIALS"] = file.Path, ["GOOGLE_VERTEX_LOCATION"] = "us-central1",
    };

    private sealed class KeyFile : IDisposable
    {
        public KeyFile()
        {
            using var key = RSA.Create(2048);
            File.WriteAllText(Path, JsonSerializer.Serialize(new { client_email = "a@b", private_key = key.ExportPkcs8PrivateKeyPem(), project_id = "p-1" }));
        }

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
