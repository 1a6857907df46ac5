using System.Collections.Concurrent;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Routers;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Route;

/// <summary>
/// Which endpoint has which conversation in its prompt cache (routing §9), and which model a router gave it to, as far as this node served it. In memory, by account,
/// model or router, and conversation; forgotten after <c>inference.sticky_s</c> without an answer. Thread-safe. Costs a request nothing where its account never used a cache.
/// </summary>
internal sealed class PromptCaches(TimeProvider time)
{
    // About 15 MB. Beyond it nothing is remembered until something is forgotten.
    private const int Most = 100_000;

    private readonly ConcurrentDictionary<ConversationKey, Place> places = new();

    // Accounts and models (or routers) with a conversation that is known by its first messages: only their requests are hashed.
    private readonly ConcurrentDictionary<(long Account, string Model), long> hashed = new();

    private readonly Lock sweeping = new();

    /// <summary>Where the conversation of a request was, for its first model; null when that is not known or does not pay.</summary>
    public StickyEndpoint? Find(PreparedRequest prepared, long accountId, DateTimeOffset now)
    {
        var model = prepared.Models[0].Model;
        if (places.IsEmpty || model.LiveEndpoints.Count < 2 || prepared.Request.Provider.Order.Count > 0)
            return null;
        var request = prepared.Request;
        if (!ConversationKey.IsNamed(request) && !hashed.ContainsKey((accountId, model.Id)))
            return null;
        return places.TryGetValue(ConversationKey.Of(accountId, model.Id, request), out var place) && place.UntilMs > now.ToUnixTimeMilliseconds()
            ? new StickyEndpoint(place.Id, place.Tokens)
            : null;
    }

    /// <summary>The slug of the model a router chose for the conversation of a request before; null where it is not known or the caller orders endpoints itself.</summary>
    public string? FindModel(CanonicalRequest request, long accountId, string router, DateTimeOffset now)
    {
        if (places.IsEmpty || request.Provider.Order.Count > 0 || (!ConversationKey.IsNamed(request) && !hashed.ContainsKey((accountId, router))))
            return null;
        return places.TryGetValue(ConversationKey.Of(accountId, router, request), out var place) && place.UntilMs > now.ToUnixTimeMilliseconds() ? place.Id : null;
    }

    /// <summary>
    /// Takes note of a good answer. A conversation that the caller names (<c>session_id</c>, <c>prompt_cache_key</c>) is remembered after any, others once a
    /// cache was used.
    /// </summary>
    public void Remember(InferenceContext context, CanonicalRequest request, in RouteCandidate candidate, in Usage usage, Routed? routed)
    {
        var keep = context.Catalog.Options.StickyFor;
        var isChoice = candidate.Endpoint.Rates.CacheSaves && candidate.Model.LiveEndpoints.Count >= 2;
        var isRouted = routed is not null && request.Provider.Order.Count == 0 && candidate.ModelOrder >= routed.From && candidate.ModelOrder < routed.From + routed.Count;
        if (keep <= TimeSpan.Zero || (!isChoice && !isRouted))
            return;
        var named = ConversationKey.IsNamed(request);
        if (!named && usage.CachedTokens + usage.CacheWriteTokens == 0)
            return;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (places.Count >= Most && !MakeRoom(now))
            return;
        var account = context.Key!.AccountId;
        var until = now + (long)keep.TotalMilliseconds;
        if (isChoice)
            Keep(candidate.Model.Id, new Place(candidate.Endpoint.Id, (int)Math.Min(usage.PromptTokens + usage.CompletionTokens, int.MaxValue), until));
        if (isRouted)
            Keep(routed!.Slug, new Place(candidate.Model.Id, 0, until));

        void Keep(string model, Place place)
        {
            places[ConversationKey.Of(account, model, request)] = place;
            if (!named)
                hashed[(account, model)] = until;
        }
    }

    private bool MakeRoom(long now)
    {
        if (!sweeping.TryEnter())
            return false;
        try
        {
            foreach (var (key, place) in places)
            {
                if (place.UntilMs <= now)
                    places.TryRemove(key, out _);
            }

            foreach (var (key, until) in hashed)
            {
                if (until <= now)
                    hashed.TryRemove(key, out _);
            }

            return places.Count < Most;
        }
        finally
        {
            sweeping.Exit();
        }
    }

    /// <param name="Id">Of the endpoint, or of the model a router chose.</param>
    /// <param name="Tokens">How much of the conversation is in the cache.</param>
    /// <param name="UntilMs">When it is forgotten.</param>
    private readonly record struct Place(string Id, int Tokens, long UntilMs);
}
