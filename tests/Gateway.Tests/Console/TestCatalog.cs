namespace Fairlead.Gateway.Tests.Console;

/// <summary>A small catalog with one of everything that the management API shows.</summary>
internal static class TestCatalog
{
    public const string Text = """
        {
          "providers": [
            { "slug": "acme", "name": "Acme AI", "protocol": "openai-chat", "base_url": "https://acme.example/v1", "api_key": "sk-acme",
              "data_policy": { "training": false, "retains_prompts": false, "retention_days": 0 }, "headquarters": "DE", "datacenters": ["DE", "US"],
              "privacy_policy_url": "https://acme.example/privacy", "terms_of_service_url": "https://acme.example/terms" },
            { "slug": "other", "name": "Other", "protocol": "anthropic-messages", "base_url": "https://other.example/v1", "api_key": "sk-other", "headquarters": "US", "datacenters": ["US"] },
            { "slug": "dark", "name": "Dark", "protocol": "openai-chat", "base_url": "https://dark.example/v1", "api_key_env": "DARK_API_KEY" },
          ],
          "models": [
            { "id": "acme/rocket-1", "canonical_slug": "acme/rocket-1-20251101", "name": "Acme: Rocket 1", "created": 1762000000, "context_length": 131072, "hugging_face_id": "acme/Rocket-1",
              "architecture": { "input_modalities": ["text", "image"], "output_modalities": ["text"], "tokenizer": "GPT", "instruct_type": null },
              "default_parameters": { "temperature": 0.7, "top_p": null, "top_k": 40 },
              "reasoning": { "mandatory": false, "default_enabled": true, "supported_efforts": ["high", "low"], "default_effort": "high" },
              "knowledge_cutoff": "2025-06-01",
              "endpoints": [
                { "provider": "other", "tag": "other/fast", "model": "rocket-1", "context_length": 65536, "max_completion_tokens": 8192,
                  "pricing": { "prompt": "0.000003", "completion": "0.000015" }, "supported_parameters": ["tools", "max_tokens"], "is_moderated": true },
                { "provider": "acme", "tag": "acme", "model": "rocket-1", "quantization": "fp8", "context_length": 131072, "max_completion_tokens": 16384,
                  "pricing": { "prompt": "0.00000005", "completion": "0.000002", "input_cache_read": "0.00000001", "discount": 0.25,
                               "overrides": [ { "min_prompt_tokens": 64000, "prompt": "0.0000001" } ] },
                  "supported_parameters": ["tools", "tool_choice", "max_tokens", "temperature"], "tool_choice": ["auto", "none"] },
                { "provider": "acme", "tag": "acme/staged", "model": "rocket-1-next", "context_length": 131072, "pricing": { "prompt": "0", "completion": "0" },
                  "supported_parameters": ["max_tokens"], "status": -5 },
              ] },
            { "id": "acme/rocket-1:free", "canonical_slug": "acme/rocket-1-20251101", "name": "Acme: Rocket 1 (free)", "created": 1762000001, "context_length": 32768,
              "architecture": { "input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "GPT" },
              "endpoints": [ { "provider": "acme", "tag": "acme", "model": "rocket-1", "context_length": 32768, "pricing": { "prompt": "0", "completion": "0" }, "supported_parameters": ["max_tokens"] } ] },
            { "id": "other/sage", "name": "Other: Sage", "created": 1763000000, "context_length": 200000, "is_trainable_text": true,
              "architecture": { "input_modalities": ["text", "image", "file"], "output_modalities": ["text"], "tokenizer": "Claude" },
              "endpoints": [ { "provider": "other", "tag": "other", "model": "sage", "context_length": 200000, "pricing": { "prompt": "0.000003", "completion": "0.000015" },
                               "supported_parameters": ["tools", "tool_choice", "max_tokens", "reasoning"] } ] },
            { "id": "~other/sage-latest", "name": "Other: Sage Latest", "created": 1763500000, "alias_target": "other/sage", "context_length": 200000,
              "architecture": { "input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "Router" }, "endpoints": [] },
            { "id": "dark/matter", "name": "Dark: Matter", "created": 1764000000, "context_length": 8192,
              "architecture": { "input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "Other" },
              "endpoints": [ { "provider": "dark", "tag": "dark", "model": "matter", "context_length": 8192, "pricing": { "prompt": "0.000001", "completion": "0.000001" }, "supported_parameters": ["max_tokens"] } ] },
          ],
        }
        """;
}
