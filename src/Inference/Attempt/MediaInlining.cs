using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Google.GenerateContent;

namespace Fairlead.Inference.Attempt;

/// <summary>
/// Turns remote images into <c>data:</c> URLs for providers that cannot take addresses (I-14, P-06), through the guarded fetcher. Others get the
/// address as the caller wrote it.
/// </summary>
internal sealed class MediaInlining(MediaFetcher fetcher)
{
    public async ValueTask<(CanonicalRequest? Request, GatewayError? Error)> ForAsync(CanonicalRequest request, UpstreamTarget target, CancellationToken cancellation)
    {
        if (request.Content.Images == 0 || target.Protocol != UpstreamProtocol.Gemini)
            return (request, null);

        var conversation = request.Conversation;
        var messages = new List<Message>(conversation.Messages.Count);
        var changed = false;
        foreach (var message in conversation.Messages)
        {
            if (!message.Parts.Any(part => MustFetch(target, part)))
            {
                messages.Add(message);
                continue;
            }

            var parts = new List<Part>(message.Parts.Count);
            foreach (var part in message.Parts)
            {
                if (!MustFetch(target, part))
                {
                    parts.Add(part);
                    continue;
                }

                var image = (ImagePart)part;
                var (dataUrl, error) = await fetcher.FetchImageAsync(image.Url, cancellation);
                if (error is not null)
                    return (null, error);
                parts.Add(image with { Url = dataUrl! });
            }

            messages.Add(message with { Parts = parts });
            changed = true;
        }

        return (changed ? request.WithConversation(conversation with { Messages = messages }) : request, null);
    }

    private static bool MustFetch(UpstreamTarget target, Part part) => part is ImagePart && GeminiDialect.RequiresInlineMedia(target, part);
}
