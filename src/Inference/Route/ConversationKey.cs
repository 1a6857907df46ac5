using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Route;

/// <summary>
/// Names one conversation of one account with one model (routing §9, R-32): by <c>session_id</c>, else <c>prompt_cache_key</c>, else its first system and first
/// other message. A digest: nothing of the conversation can be read from it.
/// </summary>
internal readonly record struct ConversationKey(long Account, UInt128 Digest)
{
    /// <summary>The caller names the conversation.</summary>
    public static bool IsNamed(CanonicalRequest request) => !string.IsNullOrEmpty(request.SessionId) || !string.IsNullOrEmpty(request.PromptCacheKey);

    public static ConversationKey Of(long account, string model, CanonicalRequest request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, model);
        if (!string.IsNullOrEmpty(request.SessionId))
        {
            Add(hash, "session");
            Add(hash, request.SessionId);
        }
        else if (!string.IsNullOrEmpty(request.PromptCacheKey))
        {
            Add(hash, "key");
            Add(hash, request.PromptCacheKey);
        }
        else
        {
            Add(hash, "messages");
            AddFirst(hash, request.Conversation.Messages, system: true);
            AddFirst(hash, request.Conversation.Messages, system: false);
        }

        Span<byte> digest = stackalloc byte[32];
        hash.GetHashAndReset(digest);
        return new ConversationKey(account, BinaryPrimitives.ReadUInt128LittleEndian(digest));
    }

    private static void AddFirst(IncrementalHash hash, IReadOnlyList<Message> messages, bool system)
    {
        foreach (var message in messages)
        {
            if ((message.Role is Role.System or Role.Developer) != system)
                continue;
            Add(hash, message.Role.ToString());
            foreach (var part in message.Parts)
            {
                Add(hash, part switch
                {
                    TextPart text => text.Text,
                    ImagePart image => image.Url,
                    FilePart file => file.Data ?? file.FileId ?? "",
                    AudioPart audio => audio.Data,
                    VideoPart video => video.Url,
                    _ => "",
                });
            }

            return;
        }
    }

    /// <summary>Length first, so that no two lists of texts are alike.</summary>
    private static void Add(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
