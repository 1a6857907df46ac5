using System.Collections.Concurrent;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Inference.Attempt.Credentials;

/// <summary>Who proves the caller to which endpoint. One per set of credentials: endpoints of a provider share its tokens, also across a reload of the catalog.</summary>
internal sealed class RequestAuthorizers(TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<(GoogleCredentials Account, bool AllowPrivate), GoogleTokens> google = new();

    /// <summary>Null where fixed headers are enough.</summary>
    public IRequestAuthorizer? For(ModelEndpoint endpoint) => endpoint.Provider.Cloud switch
    {
        { Aws: { } keys } => new AwsRequestSigner(keys, endpoint.Target!.Region!, "bedrock", time),
        { Google: { } account } => google.GetOrAdd((account, endpoint.Provider.AllowPrivateNetwork), static key => new GoogleTokens(key.Account, key.AllowPrivate)),
        _ => null,
    };

    public void Dispose()
    {
        foreach (var tokens in google.Values)
            tokens.Dispose();
    }
}
