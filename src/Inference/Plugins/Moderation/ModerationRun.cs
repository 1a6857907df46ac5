using Fairlead.Catalog.Configuration;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins.Moderation;

/// <summary>
/// Moderation of one request, judged once: before anything else where it was asked for, else when the first endpoint is asked that must have it so.
/// </summary>
internal sealed class ModerationRun(string id, Moderator moderator, ModerationOptions options, bool isAsked) : PluginRun(id)
{
    /// <summary>The newest texts of the user are judged, at most so many and so much.</summary>
    private const int MostTexts = 32;
    private const int MostCharacters = 200_000;
    private const int MostImages = 8;

    private Verdict? verdict;
    private TimeSpan took;

    public override bool ActsBefore => isAsked;

    public override bool ActsPerEndpoint => !isAsked;

    public override TimeSpan? ModerationTook => verdict is null ? null : took;

    public override async ValueTask<Outcome<CanonicalRequest>> BeforeAsync(PluginCall call, CanonicalRequest request)
    {
        var found = await JudgeAsync(call, request);
        if (found.Trouble is { } trouble)
            return new GatewayError { Kind = ErrorKind.ProviderUnavailable, Message = $"{trouble} Nothing was sent and nothing was charged. Try again, or send the request without the plugin." };
        if (found.Flagged is not { } flagged)
            return request;
        var first = call.Plan.Candidates[call.Plan.Attempts[0]].Endpoint;
        return new GatewayError { Kind = ErrorKind.PermissionDenied, Message = FlaggedInput.Message, Metadata = flagged.ToMetadata(first.Provider.Name, first.ModelId) };
    }

    /// <summary>A service that is down stops nobody who did not ask for it.</summary>
    public override async ValueTask<EndpointShape> ForEndpointAsync(PluginCall call, CanonicalRequest request, RouteCandidate candidate)
    {
        if (!candidate.Endpoint.IsModerated)
            return new EndpointShape(request, null);
        try
        {
            return (await JudgeAsync(call, request)).Flagged is { } flagged
                ? new EndpointShape(null, new UpstreamFailure { Kind = ErrorKind.PermissionDenied, Retry = RetryClass.Unmoderated, Message = FlaggedInput.Message, Flagged = flagged })
                : new EndpointShape(request, null);
        }
        catch (OperationCanceledException) when (call.Cancellation.IsCancellationRequested)
        {
            // The caller left: the attempt that follows sees it at once.
            return new EndpointShape(request, null);
        }
    }

    private async ValueTask<Verdict> JudgeAsync(PluginCall call, CanonicalRequest request)
    {
        if (verdict is not null)
            return verdict;
        var time = call.Context.Time;
        var began = time.GetTimestamp();
        verdict = await moderator.JudgeAsync(options, Texts(request), options.JudgesImages ? Images(request) : [], call.Cancellation);
        took = time.GetElapsedTime(began);
        return verdict;
    }

    /// <summary>The newest images of the user, as addresses or <c>data:</c> URLs.</summary>
    private static List<string> Images(CanonicalRequest request) => request.Content.Images == 0
        ? []
        : [.. request.Conversation.Messages.Reverse().Where(static message => message.Role == Role.User)
            .SelectMany(static message => message.Parts.OfType<ImagePart>()).Select(static image => image.Url).Distinct(StringComparer.Ordinal).Take(MostImages)];

    private static List<string> Texts(CanonicalRequest request)
    {
        var texts = new List<string>();
        var left = MostCharacters;
        foreach (var message in request.Conversation.Messages.Reverse())
        {
            if (message.Role != Role.User)
                continue;
            var text = string.Join('\n', message.Parts.OfType<TextPart>().Select(static part => part.Text));
            if (text.Length > left)
                text = text[^left..];
            if (string.IsNullOrWhiteSpace(text))
                continue;
            texts.Add(text);
            left -= text.Length;
            if (left == 0 || texts.Count == MostTexts)
                break;
        }

        return texts;
    }
}
