using System.Text;
using Fairlead.Catalog.Building;
using Fairlead.Catalog.Configuration;

namespace Fairlead.Catalog.Tests;

/// <summary>Builds catalogs from text.</summary>
internal static class Build
{
    public const string Acme = """
        {
          // one provider, one model
          "providers": [
            {
              "slug": "acme", "name": "Acme AI", "protocol": "openai-chat", "base_url": "http://127.0.0.1:9101/v1/", "api_key": "sk-acme",
              "timeouts": { "connect_s": 5, "first_token_s": 0.5 },
              "data_policy": { "training": false, "retains_prompts": false, "retention_days": 0 },
              "headquarters": "US", "datacenters": ["US"], "allow_private_network": true,
            },
          ],
          "models": [
            {
              "id": "acme/Rocket-1", "canonical_slug": "acme/rocket-1-20251101", "name": "Acme: Rocket 1", "context_length": 131072,
              "architecture": { "input_modalities": ["text","image"], "output_modalities": ["text"], "tokenizer": "GPT", "instruct_type": null },
              "endpoints": [
                {
                  "provider": "acme", "tag": "acme", "model": "rocket-1", "quantization": "fp8", "context_length": 131072, "max_completion_tokens": 16384,
                  "pricing": { "prompt": "0.000001", "completion": "0.000002", "request": "0", "image": "0", "web_search": "0",
                               "internal_reasoning": "0", "input_cache_read": "0.0000001", "input_cache_write": "0.00000125", "discount": 0 },
                  "supported_parameters": ["tools","tool_choice","max_tokens","temperature","top_p","response_format","structured_outputs","reasoning"],
                  "supports_implicit_caching": false, "is_moderated": false, "can_abort": true, "rate_limit": { "rpm": 0, "tpm": 0 },
                }
              ]
            }
          ]
        }
        """;

    public static CatalogOutcome From(params string[] documents) => From(_ => null, documents);

    public static CatalogOutcome From(Func<string, string?> environment, params string[] documents) =>
        new CatalogLoader(environment).Load([.. documents.Select((text, i) => new ConfigurationDocument($"file{i + 1}.json", Encoding.UTF8.GetBytes(text)))]);

    /// <summary>The only mistake of one document.</summary>
    public static ConfigurationMistake Mistake(string document) => Assert.Single(From(document).Mistakes);

    /// <summary>A document with one provider (members given) named acme.</summary>
    public static string Provider(string members) => $$"""{"providers":[{"slug":"acme","protocol":"openai-chat","base_url":"https://acme.example/v1",{{members}}}]}""";

    /// <summary>A document with provider acme and one model acme/one with one endpoint (members given).</summary>
    public static string Endpoint(string members) => $$"""
        {"providers":[{"slug":"acme","protocol":"openai-chat","base_url":"https://acme.example/v1"}],
         "models":[{"id":"acme/one","context_length":1000,"endpoints":[{{{members}}}]}]}
        """;

    /// <summary>As <see cref="Endpoint"/>, with the members of <c>pricing</c> given.</summary>
    public static string Priced(string prices) => Endpoint($$"""  "provider":"acme","model":"m","pricing":{{{prices}}} """);
}
