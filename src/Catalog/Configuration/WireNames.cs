using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Configuration;

/// <summary>The words of the configuration for closed choices.</summary>
internal static class WireNames
{
    public static readonly (string Name, UpstreamProtocol Value)[] Protocols =
    [
        ("openai-chat", UpstreamProtocol.OpenAIChat), ("openai-responses", UpstreamProtocol.OpenAIResponses),
        ("anthropic-messages", UpstreamProtocol.AnthropicMessages), ("gemini", UpstreamProtocol.Gemini), ("vertex", UpstreamProtocol.Vertex),
        ("bedrock", UpstreamProtocol.Bedrock), ("azure-openai", UpstreamProtocol.AzureOpenAI), ("cohere", UpstreamProtocol.Cohere),
        ("ollama", UpstreamProtocol.Ollama), ("other", UpstreamProtocol.Other),
    ];

    public static readonly (string Name, AuthScheme Value)[] AuthSchemes =
    [
        ("protocol", AuthScheme.Protocol), ("bearer", AuthScheme.Bearer), ("x-api-key", AuthScheme.XApiKey), ("x-goog-api-key", AuthScheme.XGoogApiKey),
        ("none", AuthScheme.None),
    ];

    public static readonly (string Name, ReasoningForm Value)[] ReasoningForms =
    [
        ("none", ReasoningForm.None), ("reasoning_effort", ReasoningForm.Effort), ("reasoning", ReasoningForm.ReasoningObject),
        ("thinking", ReasoningForm.ThinkingType), ("enable_thinking", ReasoningForm.EnableThinking),
        ("chat_template_kwargs", ReasoningForm.ChatTemplateKwargs), ("chat_template_args", ReasoningForm.ChatTemplateArgs),
    ];

    public static readonly string[] ToolChoices = ["none", "auto", "required", "function"];

    public static string Name(UpstreamProtocol protocol) => Array.Find(Protocols, p => p.Value == protocol).Name;

    /// <summary>The value of a word, or null with a mistake that names the choices.</summary>
    public static T? Choice<T>(ref ConfigurationCursor json, (string Name, T Value)[] choices) where T : struct
    {
        var at = json.Mark;
        if (json.Text(100) is not { } word)
            return null;
        foreach (var (name, value) in choices)
        {
            if (string.Equals(name, word, StringComparison.Ordinal))
                return value;
        }

        var near = Spelling.Nearest(word, choices.Select(c => c.Name));
        json.Report(at, near is not null ? $"is not known; did you mean \"{near}\"?" : $"must be one of: {string.Join(", ", choices.Select(c => c.Name))}.");
        return null;
    }
}
