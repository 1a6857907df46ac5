namespace Fairlead.Accounts.Keys;

/// <summary>
/// The digest of the key a connection presented last: a client that sends the same key again over a kept-alive connection costs one SHA-256, not one per
/// request. The header is known again by its string object, which the server hands out anew only when the bytes differ. Whether the key is still good is
/// asked of the index every time. For one connection, whose requests follow one another; requests side by side may at worst hash again.
/// </summary>
public sealed class KeyMemo
{
    private volatile Entry? _last;

    /// <summary>The digest that was kept for this very string, or <paramref name="secret"/>'s, kept from now on.</summary>
    internal KeyDigest DigestOf(string header, ReadOnlySpan<char> secret)
    {
        if (_last is { } last && ReferenceEquals(last.Header, header))
        {
            return last.Digest;
        }

        var digest = KeyDigest.OfSecret(secret);
        _last = new Entry(header, digest);
        return digest;
    }

    private sealed record Entry(string Header, KeyDigest Digest);
}
