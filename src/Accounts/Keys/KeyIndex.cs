using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Fairlead.Storage;

namespace Fairlead.Accounts.Keys;

/// <summary>
/// Every key that is not deleted, in memory, by its digest: what Authenticate asks before the body is read. Thread-safe.
/// </summary>
public sealed class KeyIndex(Database database) : ChangeIndex
{
    // Not an immutable snapshot: with a million keys, a copy per change would cost more than it gives.
    private readonly ConcurrentDictionary<KeyDigest, ApiKey> _keys = new();

    /// <summary>How many keys there are.</summary>
    public int Count => _keys.Count;

    /// <summary>
    /// The key with this plaintext, disabled and expired ones included (<see cref="ApiKey.IsUsable"/> tells); null when unknown or malformed. Allocates
    /// nothing.
    /// </summary>
    public ApiKey? Find(ReadOnlySpan<char> secret) =>
        KeySecret.IsWellFormed(secret) && _keys.TryGetValue(KeyDigest.OfSecret(secret), out var key) ? key : null;

    /// <summary>The same for the key in a header, from its character <paramref name="at"/> on, on a connection that may have presented it before.</summary>
    public ApiKey? Find(string header, int at, KeyMemo memo)
    {
        var secret = header.AsSpan(at).Trim();
        return KeySecret.IsWellFormed(secret) && _keys.TryGetValue(memo.DigestOf(header, secret), out var key) ? key : null;
    }

    /// <summary>The key with this public hash.</summary>
    public bool TryGetByHash(string hash, [NotNullWhen(true)] out ApiKey? key)
    {
        key = null;
        return hash.Length == 64 && KeySecret.IsHex(hash) && _keys.TryGetValue(KeyDigest.OfHash(hash), out key);
    }

    private protected override Task ReadAsync(CancellationToken cancellationToken) => ApplyAsync<KeyRow>(
        database, $"{KeyRow.Select} WHERE k.revision > @since ORDER BY k.revision", "reading API keys", Apply, cancellationToken);

    private void Apply(KeyRow row)
    {
        var digest = KeyDigest.OfHash(row.Hash);
        if (row.Deleted != 0)
        {
            _keys.TryRemove(digest, out _);
        }
        else
        {
            _keys[digest] = row.ToKey();
        }
    }
}
