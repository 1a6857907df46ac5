using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Dapper;
using Fairlead.Storage;
using Fairlead.Storage.Changes;
using Microsoft.Extensions.Hosting;

namespace Fairlead.Accounts.Keys;

/// <summary>
/// Every key that is not deleted, in memory, by its digest: what Authenticate asks before the body is read. A change made in this process is visible when the
/// call that made it returns, one made by another process within half a second. Thread-safe.
/// </summary>
public sealed class KeyIndex(Database database) : IHostedService, IForeignChangeListener, IDisposable
{
    // Not an immutable snapshot: with a million keys, a copy per change would cost more than it gives.
    private readonly ConcurrentDictionary<KeyDigest, ApiKey> _keys = new();
    private readonly SemaphoreSlim _loading = new(1, 1);
    private long _revision;

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

    /// <summary>Reads what changed since the last time; at first, everything.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken = default)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            var since = _revision;
            var rows = await database.ReadAsync(
                connection => connection.QueryAsync<KeyRow>(new CommandDefinition(
                    $"{KeyRow.Select} WHERE k.revision > @since ORDER BY k.revision", new { since }, cancellationToken: cancellationToken)),
                "reading API keys");
            foreach (var row in rows)
            {
                Apply(row);
                _revision = row.Revision;
            }
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <inheritdoc/>
    public Task OnForeignChangeAsync(CancellationToken cancellationToken) => RefreshAsync(cancellationToken);

    /// <summary>Loads every key.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => RefreshAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _loading.Dispose();

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
