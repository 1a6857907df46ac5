using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;
using Fairlead.Storage.Outbound;

namespace Fairlead.Inference.Attempt;

/// <summary>Sends requests to providers over pooled connections, one pool per way of connecting. Addresses and headers are built once per endpoint.</summary>
internal sealed class UpstreamClient : IDisposable
{
    private readonly ConcurrentDictionary<(string Provider, bool AllowPrivate, double ConnectSeconds), HttpMessageInvoker> invokers = new();
    private readonly ConditionalWeakTable<ModelEndpoint, EndpointRoute> routes = [];

    /// <summary>Sends the body and returns when the response headers are there; the body is not buffered.</summary>
    public Task<HttpResponseMessage> SendAsync(ModelEndpoint endpoint, IUpstreamDialect dialect, UpstreamCall call, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var route = routes.GetValue(endpoint, key => new EndpointRoute(key, dialect));
        var message = new HttpRequestMessage(HttpMethod.Post, call.Stream ? route.StreamAddress : route.Address)
        {
            Content = new ReadOnlyMemoryContent(body),
        };
        message.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        foreach (var header in call.AnthropicBetas is null ? route.HeadersFor(call.Stream) : HeadersOf(endpoint, dialect, call))
            message.Headers.TryAddWithoutValidation(header.Key, header.Value);
        return InvokerFor(endpoint.Provider).SendAsync(message, cancellation);
    }

    public void Dispose()
    {
        foreach (var invoker in invokers.Values)
            invoker.Dispose();
    }

    private HttpMessageInvoker InvokerFor(Provider provider) => invokers.GetOrAdd(
        (provider.Slug, provider.AllowPrivateNetwork, provider.Timeouts.ConnectSeconds),
        static key => new HttpMessageInvoker(GuardedConnect.CreateHandler(key.AllowPrivate, TimeSpan.FromSeconds(key.ConnectSeconds))));

    /// <summary>The dialect's headers, with the key sent the way this provider wants it.</summary>
    private static IReadOnlyList<KeyValuePair<string, string>> HeadersOf(ModelEndpoint endpoint, IUpstreamDialect dialect, UpstreamCall call)
    {
        var provider = endpoint.Provider;
        if (provider.Auth == AuthScheme.Protocol)
            return dialect.HeadersFor(endpoint.Target!, call, provider.ApiKey);
        var headers = new List<KeyValuePair<string, string>>(dialect.HeadersFor(endpoint.Target!, call, apiKey: null));
        if (provider.ApiKey is { } key && provider.Auth != AuthScheme.None)
        {
            headers.Add(provider.Auth switch
            {
                AuthScheme.XApiKey => new("x-api-key", key),
                AuthScheme.XGoogApiKey => new("x-goog-api-key", key),
                _ => new("Authorization", "Bearer " + key),
            });
        }

        return headers;
    }

    private sealed class EndpointRoute(ModelEndpoint endpoint, IUpstreamDialect dialect)
    {
        private readonly IReadOnlyList<KeyValuePair<string, string>> headers = HeadersOf(endpoint, dialect, new UpstreamCall { Stream = false });
        private readonly IReadOnlyList<KeyValuePair<string, string>> streamHeaders = HeadersOf(endpoint, dialect, new UpstreamCall { Stream = true });

        public Uri Address { get; } = new(endpoint.Provider.BaseUrl + dialect.PathFor(endpoint.Target!, stream: false));

        public Uri StreamAddress { get; } = new(endpoint.Provider.BaseUrl + dialect.PathFor(endpoint.Target!, stream: true));

        public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(bool stream) => stream ? streamHeaders : headers;
    }
}
