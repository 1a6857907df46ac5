namespace Fairlead.Gateway.Tests;

/// <summary>Configurations that many tests share. <c>SIMULATOR</c> is the simulator's address.</summary>
public static class GatewayHostConfig
{
    /// <summary>
    /// Three providers, each with a protocol of its own, all the simulator: models <c>acme/openai</c>, <c>acme/anthropic</c>, <c>acme/gemini</c>, and
    /// <c>acme/fallback</c>, whose first choice (the cheapest by far) answers 503 every time.
    /// </summary>
    public const string ThreeProviders = """
        {
          "providers": [
            { "slug": "one", "name": "One", "protocol": "openai-chat", "base_url": "SIMULATOR/v1", "api_key": "key-one", "allow_private_network": true },
            { "slug": "two", "name": "Two", "protocol": "anthropic-messages", "base_url": "SIMULATOR/v1", "api_key": "key-two", "allow_private_network": true },
            { "slug": "three", "name": "Three", "protocol": "gemini", "base_url": "SIMULATOR/v1beta", "api_key": "key-three", "allow_private_network": true },
          ],
          "models": [
            { "id": "acme/openai", "name": "Acme: OpenAI", "context_length": 131072,
              "architecture": { "input_modalities": ["text", "image"], "output_modalities": ["text"], "tokenizer": "GPT" },
              "endpoints": [
                { "provider": "one", "model": "sim", "context_length": 131072, "max_completion_tokens": 16384,
                  "pricing": { "prompt": "0.000001", "completion": "0.000002", "input_cache_read": "0.0000001" },
                  "supported_parameters": ["max_tokens", "temperature", "top_p", "stop", "seed", "tools", "tool_choice", "response_format", "structured_outputs", "reasoning", "include_reasoning", "frequency_penalty", "presence_penalty"] } ] },
            { "id": "acme/anthropic", "name": "Acme: Anthropic", "context_length": 200000,
              "architecture": { "input_modalities": ["text", "image"], "output_modalities": ["text"], "tokenizer": "Claude" },
              "endpoints": [
                { "provider": "two", "model": "sim", "context_length": 200000, "max_completion_tokens": 16384,
                  "pricing": { "prompt": "0.000003", "completion": "0.000015", "input_cache_read": "0.0000003", "input_cache_write": "0.00000375" },
                  "supported_parameters": ["max_tokens", "temperature", "top_p", "top_k", "stop", "tools", "tool_choice", "reasoning", "include_reasoning"] } ] },
            { "id": "acme/gemini", "name": "Acme: Gemini", "context_length": 1048576,
              "architecture": { "input_modalities": ["text", "image"], "output_modalities": ["text"], "tokenizer": "Gemini" },
              "endpoints": [
                { "provider": "three", "model": "sim", "context_length": 1048576, "max_completion_tokens": 65536,
                  "pricing": { "prompt": "0.0000003", "completion": "0.0000025", "input_cache_read": "0.00000003" },
                  "supported_parameters": ["max_tokens", "temperature", "top_p", "top_k", "stop", "seed", "tools", "tool_choice", "response_format", "structured_outputs", "reasoning", "include_reasoning"] } ] },
            { "id": "acme/fallback", "name": "Acme: Fallback", "context_length": 131072,
              "architecture": { "input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "GPT" },
              "endpoints": [
                { "provider": "one", "model": "sim?status=503", "context_length": 131072, "max_completion_tokens": 16384,
                  "pricing": { "prompt": "0.000000001", "completion": "0.000000001" },
                  "supported_parameters": ["max_tokens", "temperature", "tools", "tool_choice"] },
                { "provider": "two", "model": "sim", "context_length": 200000, "max_completion_tokens": 16384,
                  "pricing": { "prompt": "0.000003", "completion": "0.000015" },
                  "supported_parameters": ["max_tokens", "temperature", "tools", "tool_choice"] } ] },
          ],
        }
        """;
}
