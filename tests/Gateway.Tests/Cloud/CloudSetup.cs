using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Cloud;

/// <summary>Gateways whose providers are the clouds, at the simulator: one model for each format a cloud speaks.</summary>
internal static class CloudSetup
{
    public const string Converse = "cloud/converse";
    public const string BedrockClaude = "cloud/bedrock-claude";
    public const string VertexGemini = "cloud/vertex-gemini";
    public const string VertexClaude = "cloud/vertex-claude";
    public const string VertexOpen = "cloud/vertex-open";
    public const string AzureChat = "cloud/azure-chat";
    public const string AzureDeployment = "cloud/azure-deployment";
    public const string AzureClaude = "cloud/azure-claude";

    /// <summary>Not in <see cref="All"/>: it makes images.</summary>
    public const string VertexImages = "cloud/vertex-images";

    /// <summary>Not in <see cref="All"/>: the format has no stop sequences.</summary>
    public const string AzureResponses = "openai/gpt-5.1-codex";

    public static readonly string[] All = [Converse, BedrockClaude, VertexGemini, VertexClaude, VertexOpen, AzureChat, AzureDeployment, AzureClaude];

    private static readonly Dictionary<string, (string Provider, string Upstream)> Models = new(StringComparer.Ordinal)
    {
        [Converse] = ("aws", "us.amazon.nova-2-lite-v1:0"),
        [BedrockClaude] = ("aws", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        [VertexGemini] = ("google", "gemini-2.5-flash"),
        [VertexClaude] = ("google", "claude-sonnet-4-5@20250929"),
        [VertexOpen] = ("google", "acme/sim-maas"),
        [AzureChat] = ("azure-v1", "sim"),
        [AzureDeployment] = ("azure-dated", "my deployment"),
        [AzureClaude] = ("azure-v1", "claude-sonnet-4-5"),
        [AzureResponses] = ("azure-v1", "codex"),
    };

    /// <summary>A gateway whose models suffer <paramref name="faults"/>; credentials are signing keys and a service account unless said otherwise.</summary>
    public static async Task<GatewayHost> StartAsync(
        string faults = "", string issuer = "gateway@project.iam.gserviceaccount.com", string secret = "secret-of-AKIDEXAMPLE", string? sessionToken = null)
    {
        var host = await GatewayHost.StartAsync(new() { Config = """{ "providers": [], "models": [] }""" });
        var keyFile = await WriteServiceAccountAsync(host.DataFolder, issuer, host.Simulator!.Address + "token");
        await host.WriteConfigAsync(Config(faults, keyFile, secret, sessionToken));
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while ((await host.ChatAsync(ChatClient.Body(model: "cloud/ready"))).Status != 200)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), "the configuration was not loaded");
            await Poll.BrieflyAsync();
        }

        host.Simulator.Clear();
        return host;
    }

    public static JsonObject Body(string model, string text = "Repeat after me: hello", bool stream = false) => ChatClient.Body(text, stream, model);

    private static string Config(string faults, string keyFile, string secret, string? sessionToken)
    {
        var aws = new JsonObject { ["region"] = "eu-west-1", ["access_key_id"] = "AKIDEXAMPLE", ["secret_access_key"] = secret };
        if (sessionToken is not null)
            aws["session_token"] = sessionToken;
        var models = new JsonArray();
        foreach (var (id, (provider, upstream)) in Models)
            models.Add(Model(id, provider, faults.Length == 0 ? upstream : $"{upstream}?{faults}"));
        models.Add(Model("cloud/ready", "plain", "sim"));
        models.Add(Model(VertexImages, "google", "gemini-3-pro-image-preview", "text", "image"));
        return new JsonObject
        {
            ["providers"] = new JsonArray(
                Provider("aws", "bedrock", "SIMULATOR/bedrock", aws: aws),
                Provider("google", "vertex", "SIMULATOR/v1", google: new JsonObject { ["project"] = "my-project", ["location"] = "europe-west4", ["service_account_file"] = keyFile }),
                Provider("azure-v1", "azure-openai", "SIMULATOR/openai/v1", key: "azure-key"),
                Provider("azure-dated", "azure-openai", "SIMULATOR", key: "azure-key", azure: new JsonObject { ["api_version"] = "2024-10-21" }),
                Provider("plain", "openai-chat", "SIMULATOR/v1", key: "key")),
            ["models"] = models,
        }.ToJsonString();
    }

    private static JsonObject Provider(string slug, string protocol, string address, JsonObject? aws = null, JsonObject? google = null, string? key = null, JsonObject? azure = null)
    {
        var provider = new JsonObject
        {
            ["slug"] = slug, ["name"] = slug, ["protocol"] = protocol, ["base_url"] = address, ["allow_private_network"] = true,
            ["timeouts"] = new JsonObject { ["first_token_s"] = 10, ["between_tokens_s"] = 1.5, ["total_s"] = 60 },
        };
        if (aws is not null)
            provider["aws"] = aws;
        if (google is not null)
            provider["google"] = google;
        if (azure is not null)
            provider["azure"] = azure;
        if (key is not null)
            provider["api_key"] = key;
        return provider;
    }

    private static JsonObject Model(string id, string provider, string upstream, params string[] outputs) => new()
    {
        ["id"] = id, ["name"] = id, ["context_length"] = 100_000,
        ["architecture"] = new JsonObject
        {
            ["input_modalities"] = new JsonArray("text", "image", "file"),
            ["output_modalities"] = new JsonArray([.. (outputs.Length == 0 ? ["text"] : outputs).Select(output => (JsonNode)output)]), ["tokenizer"] = "Other",
        },
        ["endpoints"] = new JsonArray(new JsonObject
        {
            ["provider"] = provider, ["model"] = upstream, ["context_length"] = 100_000, ["max_completion_tokens"] = 8000, ["can_abort"] = true,
            ["pricing"] = new JsonObject { ["prompt"] = "0.000001", ["completion"] = "0.000002" },
            ["supported_parameters"] = new JsonArray("max_tokens", "temperature", "top_p", "stop", "tools", "tool_choice", "response_format", "structured_outputs", "reasoning"),
        }),
    };

    private static async Task<string> WriteServiceAccountAsync(string folder, string issuer, string tokenAddress)
    {
        using var key = RSA.Create(2048);
        var file = Path.Combine(folder, "service-account.json");
        await File.WriteAllTextAsync(file, new JsonObject
        {
            ["type"] = "service_account", ["project_id"] = "other-project", ["private_key_id"] = "0123456789abcdef", ["client_email"] = issuer,
            ["private_key"] = key.ExportPkcs8PrivateKeyPem(), ["token_uri"] = tokenAddress,
        }.ToJsonString());
        return file;
    }
}
