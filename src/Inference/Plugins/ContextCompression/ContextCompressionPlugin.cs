using Fairlead.Inference.Prepare;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins.ContextCompression;

/// <summary>
/// <c>context-compression</c> (routing §11.5), also as <c>transforms: ["middle-out"]</c>: conversations longer than an endpoint's window lose their middle. Unasked
/// it acts for endpoints with small windows, where no endpoint has room for the whole.
/// </summary>
internal sealed class ContextCompressionPlugin(ReasoningMemory reasoning) : IPlugin
{
    public string Id => "context-compression";

    public GatewayError? Begin(in PluginStart start, out PluginRun? run)
    {
        run = null;
        var (choice, request) = (start.Choice, start.Request);
        if (request.Embeddings is not null)
            return null;
        // The member of the request that means this plugin takes back what the account says by default, either way.
        if (choice.IsDefault && request.Transforms is not null)
            choice = default;
        if (choice.IsOn)
        {
            var options = choice.Options(Id);
            options.Word("engine", "middle-out");
            if (options.Error is { } error)
                return error;
        }

        if (choice.IsOn || (!choice.IsOff && request.Transforms is { Count: > 0 }))
            run = new ContextCompressionRun(Id, reasoning, PromptFit.Shortened);
        else if (!choice.IsOff && request.Transforms is null && MayBeTooLong(start.Models, request))
            run = new ContextCompressionRun(Id, reasoning, PromptFit.ShortenedIfSmall);
        return null;
    }

    private static bool MayBeTooLong(IReadOnlyList<RequestedModel> models, CanonicalRequest request)
    {
        foreach (var requested in models)
        {
            foreach (var endpoint in requested.Model.LiveEndpoints)
            {
                if (PromptWindow.ToShorten(PromptFit.ShortenedIfSmall, endpoint, requested.Model, request) is not null)
                    return true;
            }
        }

        return false;
    }
}
