using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Attempt;

/// <summary>
/// Turns remote images and documents into <c>data:</c> URLs for providers that cannot take addresses (I-14, P-06), through the guarded fetcher. Others get the
/// address as the caller wrote it.
/// </summary>
internal sealed class MediaInlining(MediaFetcher fetcher)
{
    public async ValueTask<(CanonicalRequest? Request, GatewayError? Error)> ForAsync(
        CanonicalRequest request, IUpstreamDialect dialect, UpstreamTarget target, CancellationToken cancellation)
    {
        if (request.Content.Images == 0 && request.Content.Files == 0)
            return (request, null);

        var conversation = request.Conversation;
        var messages = new List<Message>(conversation.Messages.Count);
        var changed = false;
        foreach (var message in conversation.Messages)
        {
            if (!message.Parts.Any(part => AddressOf(dialect, target, part) is not null))
            {
                messages.Add(message);
                continue;
            }

            var parts = new List<Part>(message.Parts.Count);
            foreach (var part in message.Parts)
            {
                if (AddressOf(dialect, target, part) is not { } address)
                {
                    parts.Add(part);
                    continue;
                }

                var (dataUrl, error) = await fetcher.FetchAsync(address, documents: part is FilePart, cancellation);
                if (error is not null)
                    return (null, error);
                parts.Add(part is ImagePart image ? image with { Url = dataUrl! } : ((FilePart)part) with { Data = dataUrl });
            }

            messages.Add(message with { Parts = parts });
            changed = true;
        }

        return (changed ? request.WithConversation(conversation with { Messages = messages }) : request, null);
    }

    private static string? AddressOf(IUpstreamDialect dialect, UpstreamTarget target, Part part) => part switch
    {
        ImagePart image when dialect.RequiresInlineMedia(target, part) => image.Url,
        FilePart file when dialect.RequiresInlineMedia(target, part) => file.Data,
        _ => null,
    };
}
