using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Attempt.Credentials;
using Fairlead.Protocols.Canonical;
using Fairlead.Storage.Outbound;

namespace Fairlead.Inference.Attempt;

/// <summary>Sends requests to providers over pooled connections, one pool per way of connecting. Addresses and headers are built once per endpoint.</summary>
internal sealed class UpstreamClient(TimeProvider time) : IDisposable
{
    private readonly RequestAuthorizers authorizers = new(time);
    private readonly ConcurrentDictionary<(string Provider, bool AllowPrivate, double ConnectSeconds), HttpMessageInvoker> invokers = new();
    // An endpoint serves either answers or embeddings, never both.
    private readonly ConditionalWeakTable<ModelEndpoint, EndpointRoute> routes = [];

    /// <summary>Sends the body and returns when the response headers are there; the body is not buffered.</summary>
    public Task<HttpResponseMessage> SendAsync(ModelEndpoint endpoint, IUpstreamFormat format, UpstreamCall call, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var route = routes.GetValue(endpoint, key => new EndpointRoute(key, format, authorizers.For(key)));
        return route.Authorizer is { } authorizer
            ? SendAuthorizedAsync(route, authorizer, endpoint, format, call, body, cancellation)
            : InvokerFor(endpoint.Provider).SendAsync(MessageOf(route, endpoint, format, call, body), cancellation);
    }

    public void Dispose()
    {
        authorizers.Dispose();
        foreach (var invoker in invokers.Values)
            invoker.Dispose();
    }

    private async Task<HttpResponseMessage> SendAuthorizedAsync(
        EndpointRoute route, IRequestAuthorizer authorizer, ModelEndpoint endpoint, IUpstreamFormat format, UpstreamCall call, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        for (var isRetry = false; ; isRetry = true)
        {
            var message = MessageOf(route, endpoint, format, call, body);
            await authorizer.AuthorizeAsync(message, body, cancellation);
            var response = await InvokerFor(endpoint.Provider).SendAsync(message, cancellation);
            if (isRetry || response.StatusCode != HttpStatusCode.Unauthorized || !authorizer.TryRenew())
                return response;
            response.Dispose();
        }
    }

    private static HttpRequestMessage MessageOf(EndpointRoute route, ModelEndpoint endpoint, IUpstreamFormat format, UpstreamCall call, ReadOnlyMemory<byte> body)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, call.Stream ? route.StreamAddress : route.Address)
        {
            Content = new ReadOnlyMemoryContent(body),
        };
        message.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        foreach (var header in call.AnthropicBetas is null ? route.HeadersFor(call.Stream) : HeadersOf(endpoint, format, call))
            message.Headers.TryAddWithoutValidation(header.Key, header.Value);
        return message;
    }

    private HttpMessageInvoker InvokerFor(Provider provider) => invokers.GetOrAdd(
        (provider.Slug, provider.AllowPrivateNetwork, provider.Timeouts.ConnectSeconds),
        static key => new HttpMessageInvoker(GuardedConnect.CreateHandler(key.AllowPrivate, TimeSpan.FromSeconds(key.ConnectSeconds))));

    /// <summary>The dialect's headers, with the key sent the way this provider wants it.</summary>
    private static KeyValuePair<string, string>[] HeadersOf(ModelEndpoint endpoint, IUpstreamFormat format, UpstreamCall call)
    {
        var provider = endpoint.Provider;
        if (provider.Auth == AuthScheme.Protocol)
            return [.. format.HeadersFor(endpoint.Target!, call, provider.ApiKey)];
        var headers = new List<KeyValuePair<string, string>>(format.HeadersFor(endpoint.Target!, call, apiKey: null));
        if (provider.ApiKey is { } key && provider.Auth != AuthScheme.None)
        {
            headers.Add(provider.Auth switch
            {
                AuthScheme.XApiKey => new("x-api-key", key),
                AuthScheme.XGoogApiKey => new("x-goog-api-key", key),
                _ => new("Authorization", "Bearer " + key),
            });
        }

        return [.. headers];
    }

    private sealed class EndpointRoute(ModelEndpoint endpoint, IUpstreamFormat format, IRequestAuthorizer? authorizer)
    {
        private readonly string start = endpoint.BaseUrl + endpoint.Target!.PathPrefix;
        private readonly KeyValuePair<string, string>[] headers = HeadersOf(endpoint, format, new UpstreamCall { Stream = false });
        private readonly KeyValuePair<string, string>[] streamHeaders = HeadersOf(endpoint, format, new UpstreamCall { Stream = true });

        /// <summary>Proves who is calling; null where the fixed headers do.</summary>
        public IRequestAuthorizer? Authorizer => authorizer;

        public Uri Address => field ??= new(start + format.PathFor(endpoint.Target!, stream: false) + endpoint.Target!.PathQuery);

        public Uri StreamAddress => field ??= new(start + format.PathFor(endpoint.Target!, stream: true) + endpoint.Target!.PathQuery);

        public KeyValuePair<string, string>[] HeadersFor(bool stream) => stream ? streamHeaders : headers;
    }
}
