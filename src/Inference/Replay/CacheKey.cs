using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Fairlead.Accounts.Settings;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Inference.Replay;

/// <summary>
/// What must be the same for an answer to be given again: the SHA-256 of the caller's key and account, the route, the body without white space, and everything else
/// that changes an answer: beta headers, the version of the preset, of the account's settings and of the catalog.
/// </summary>
internal readonly record struct CacheKey(UInt128 High, UInt128 Low)
{
    public static CacheKey Of(InferenceContext context, CanonicalRequest request, AccountSettings account, ReadOnlySpan<byte> body)
    {
        var headers = context.Http.Request.Headers;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, context.Key!.AccountId, context.Key.Id, account.Revision, context.Catalog.Version, (long)request.Dialect, request.Stream ? 1 : 0);
        Append(hash, request.Model);
        Append(hash, context.Preset?.Preset.Version.Id);
        Append(hash, headers["x-anthropic-beta"]);
        Append(hash, headers["anthropic-beta"]);
        AppendBody(hash, body);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return new CacheKey(BinaryPrimitives.ReadUInt128BigEndian(digest), BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));
    }

    private static void Append(IncrementalHash hash, params ReadOnlySpan<long> numbers) => hash.AppendData(MemoryMarshal.AsBytes(numbers));

    // Its length first, so that no two lists of texts look the same.
    private static void Append(IncrementalHash hash, string? text)
    {
        Append(hash, text?.Length ?? -1);
        hash.AppendData(MemoryMarshal.AsBytes(text.AsSpan()));
    }

    private static void AppendBody(IncrementalHash hash, ReadOnlySpan<byte> body)
    {
        var rented = ArrayPool<byte>.Shared.Rent(body.Length);
        hash.AppendData(rented.AsSpan(0, JsonBlanks.Remove(body, rented)));
        ArrayPool<byte>.Shared.Return(rented);
    }
}
