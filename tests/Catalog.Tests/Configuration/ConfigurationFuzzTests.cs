using System.Text;
using Fairlead.Catalog.Building;
using Fairlead.Catalog.Configuration;
using Fairlead.Testing.Fuzzing;

namespace Fairlead.Catalog.Tests.Configuration;

/// <summary>Whatever an operator's file holds: a catalog, or mistakes that name a place in it; never an exception.</summary>
public sealed class ConfigurationFuzzTests
{
    private const string Everything = """
        {"catalog":{"list":"all"},"inference":{"default_model":"acme/one","max_attempts":3,"attempts_s":60.5,"circuit":{"failures":3},"free_models":{"per_day":50,"purchase_usd":10},
         "web_search":{"exa":{"base_url":"https://a.example","api_key":"k","price":"0.004"}},"moderation":{"rules":[{"reason":"r","pattern":"x+"}]},"auto_router":{"code":["acme/*"],"fallbacks":2}},
         "providers":[{"slug":"acme","protocol":"bedrock","base_url":"https://{REGION}.example","aws":{"region":"us-east-1","access_key_id":"a","secret_access_key":"b"}},
          {"slug":"azure","protocol":"azure-openai","base_url":"https://x.example","azure":{"api_version":"2024-10-21","deployment":"d"},"api_key_env":["A","B"],"auth":"bearer","timeouts":{"total_s":9}}],
         "models":[{"id":"acme/one:free","context_length":10,"default_parameters":{"temperature":0.5},"reasoning":{"supported_efforts":["low"]},"architecture":{"output_modalities":["embeddings"]},
          "endpoints":[{"provider":"acme","model":"m","pricing":{"prompt":"0.1","completion":"0","overrides":[{"min_prompt_tokens":5,"prompt":"0"},{"utc_start":1630,"utc_end":30,"completion":"0"}]},
           "data_policy":{"training":null},"status":-5,"tool_choice":["auto"],"rate_limit":{"rpm":1}}]},{"id":"acme/two","alias_target":"acme/one:free"}]}
        """;

    private static readonly FuzzTarget Files = new("configuration", [Encoding.UTF8.GetBytes(Everything), Encoding.UTF8.GetBytes(Build.Acme)], (bytes, _) =>
    {
        var outcome = new CatalogLoader(static name => name == "REGION" ? "eu-north-1" : null).Load([new ConfigurationDocument("file.json", bytes)]);
        Assert.True(outcome.Snapshot is null ? outcome.Mistakes.Count > 0 : outcome.Mistakes.Count == 0);
        Assert.All(outcome.Mistakes, mistake => Assert.True(mistake is { Line: > 0, Column: > 0, Reason.Length: > 0 }));
    });

    [Fact]
    public void DamagedFiles_AreMistakes()
    {
        Fuzzer.Read(Files, Files.Samples[1], new Random(0));
        Fuzzer.Run(Files);
    }
}
