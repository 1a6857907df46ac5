using Fairlead.Catalog.Snapshot;
using Fairlead.Storage.Outbound;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;

namespace Fairlead.Inference.Attempt.Credentials;

/// <summary>
/// Access tokens of a Google service account (providers contract §6.1), by the vendor's library: one is asked for at a time, kept, and renewed some minutes before it
/// runs out. Connections go through the guarded outbound client.
/// </summary>
internal sealed class GoogleTokens : IRequestAuthorizer, IDisposable
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    private readonly ServiceAccountCredential credential;
    private volatile bool renew;

    public GoogleTokens(GoogleCredentials account, bool allowPrivate)
    {
        var initializer = new ServiceAccountCredential.Initializer(account.ClientEmail, account.TokenAddress)
        {
            KeyId = account.PrivateKeyId,
            Scopes = [Scope],
            HttpClientFactory = new GuardedFactory(allowPrivate),
        };
        credential = new ServiceAccountCredential(initializer.FromPrivateKey(account.PrivateKey));
    }

    public async ValueTask AuthorizeAsync(HttpRequestMessage message, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        try
        {
            if (renew)
            {
                renew = false;
                await credential.RequestAccessTokenAsync(cancellation);
            }

            var token = await credential.GetAccessTokenForRequestAsync(authUri: null, cancellation);
            message.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        }
        catch (TokenResponseException refused)
        {
            throw new CredentialsException($"Google refused the service account: {refused.Error?.Error ?? "no reason given"}.", refused: true, refused);
        }
        catch (HttpRequestException unreachable)
        {
            throw new CredentialsException("Google's token service could not be reached.", refused: false, unreachable);
        }
    }

    public bool TryRenew() => renew = true;

    public void Dispose() => credential.HttpClient.Dispose();

    private sealed class GuardedFactory(bool allowPrivate) : HttpClientFactory
    {
        protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => GuardedConnect.CreateHandler(allowPrivate, TimeSpan.FromSeconds(5));
    }
}
