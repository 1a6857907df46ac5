namespace Fairlead.Inference.Attempt.Credentials;

/// <summary>Proves to a provider who is calling, where that takes more than a fixed header: a signature over each request, a token that runs out.</summary>
internal interface IRequestAuthorizer
{
    /// <summary>Adds what the provider asks for. Throws <see cref="CredentialsException"/> when the proof cannot be had.</summary>
    ValueTask AuthorizeAsync(HttpRequestMessage message, ReadOnlyMemory<byte> body, CancellationToken cancellation);

    /// <summary>The provider answered 401. True when another try is worth it, with a new proof.</summary>
    bool TryRenew();
}

/// <summary>The provider's sign-in refused our credentials, or could not be reached.</summary>
internal sealed class CredentialsException(string message, bool refused, Exception inner) : Exception(message, inner)
{
    /// <summary>They were refused, rather than not looked at.</summary>
    public bool Refused { get; } = refused;
}
