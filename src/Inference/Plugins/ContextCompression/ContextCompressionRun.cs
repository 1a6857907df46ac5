using System.Text.Json;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

namespace Fairlead.Inference.Plugins.ContextCompression;

/// <summary>Compression of one request, anew for each endpoint asked, whose windows differ.</summary>
internal sealed class ContextCompressionRun(string id, ReasoningMemory reasoning, PromptFit fit) : PluginRun(id)
{
    /// <summary>Claude takes no more messages than this ([2026] constant of the contract).</summary>
    private const int MostMessagesOfClaude = 1000;

    private int original;
    private int compressed;
    private bool shortened;

    public override PromptFit Fit => fit;

    public override bool ActsPerEndpoint => true;

    public override ValueTask<EndpointShape> ForEndpointAsync(PluginCall call, CanonicalRequest request, RouteCandidate candidate)
    {
        shortened = false;
        var most = candidate.Model.Architecture.Tokenizer == "Claude" ? MostMessagesOfClaude : int.MaxValue;
        var tooMany = fit == PromptFit.Shortened && request.Content.Messages > most;
        if (!tooMany && PromptWindow.ToShorten(fit, candidate.Endpoint, candidate.Model, request) is null)
            return new(new EndpointShape(request, null));
        return new(Compress(call, request, PromptWindow.Of(candidate.Endpoint, candidate.Model, request), most));
    }

    public override bool WriteStage(Utf8JsonWriter json)
    {
        if (!shortened)
            return false;
        json.WriteString("type", "context_compression");
        json.WriteString("name", Id);
        json.WriteString("summary", compressed < original ? $"{original - compressed} of {original} messages were left out." : "The longest text lost its middle.");
        json.WriteStartObject("data");
        json.WriteString("engine", "middle-out");
        json.WriteString("input_type", "messages");
        json.WriteNumber("original_count", original);
        json.WriteNumber("compressed_count", compressed);
        json.WriteEndObject();
        return true;
    }

    private EndpointShape Compress(PluginCall call, CanonicalRequest request, PromptWindow window, int most)
    {
        var messages = ChatMessages.Of(request);
        original = messages.Items.Count;
        if (MiddleOut.Compress(messages.Items, request.Content, most, window.Takes) is not { } kept)
            return new EndpointShape(null, UpstreamFailures.Unsayable(StillTooLong(window)));
        if (ReferenceEquals(kept, messages.Items))
            return new EndpointShape(request, null);
        compressed = kept.Count;
        messages.Items.Clear();
        messages.Items.AddRange(kept);
        var (changed, error) = messages.ApplyTo(request);
        if (changed is null)
            return new EndpointShape(null, UpstreamFailures.Unsayable(error!));
        shortened = true;
        return new EndpointShape(call.Context.Dialect.CarriesReasoning ? changed : reasoning.Restore(call.Context.Key!.AccountId, changed), null);
    }

    private static GatewayError StillTooLong(PromptWindow window) => new()
    {
        Kind = ErrorKind.ContextLengthExceeded,
        Message = $"This endpoint's maximum context length is {window.Endpoint.ContextLength} tokens, of which {window.Output} are for the output. What context compression may not leave out (instructions, "
            + "tools, the last message of the user and the newest turn) is longer. Please shorten it, or lower max_tokens.",
    };
}
