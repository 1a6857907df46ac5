using Fairlead.Accounts.Keys;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference;

/// <summary>Facts of one request that every stage may read. What one stage produces for the next is a typed value, not a member here.</summary>
internal sealed class InferenceContext(HttpContext http, IClientDialect dialect, CatalogSnapshot catalog, TimeProvider time)
{
    public HttpContext Http { get; } = http;

    /// <summary>The format the caller speaks.</summary>
    public IClientDialect Dialect { get; } = dialect;

    /// <summary>The catalog this request is served from, whatever is published meanwhile.</summary>
    public CatalogSnapshot Catalog { get; } = catalog;

    public TimeProvider Time { get; } = time;

    /// <summary>When the request arrived, for durations.</summary>
    public long StartedAt { get; } = time.GetTimestamp();

    /// <summary>When the request arrived.</summary>
    public DateTimeOffset ArrivedAt { get; } = time.GetUtcNow();

    /// <summary>The id of the answer and of its record.</summary>
    public string GenerationId { get; } = GenerationIds.New(time.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>Set once Authenticate has named the caller.</summary>
    public ApiKey? Key { get; set; }

    /// <summary>The account's public id, shown in errors once the caller is known (P1).</summary>
    public string? UserId { get; set; }

    /// <summary>The model that served, for metrics; null until one did.</summary>
    public string? Model { get; set; }

    public TimeSpan Elapsed => Time.GetElapsedTime(StartedAt);
}
