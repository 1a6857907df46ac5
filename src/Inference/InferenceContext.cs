using Fairlead.Accounts.Keys;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Replay;
using Fairlead.Protocols.Canonical;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference;

/// <summary>Facts of one request that every stage may read. What one stage produces for the next is a typed value, not a member here.</summary>
internal sealed class InferenceContext
{
    public InferenceContext(HttpContext http, IClientDialect dialect, CatalogSnapshot catalog, TimeProvider time, GenerationIds ids, string? generationId = null)
    {
        Http = http;
        Dialect = dialect;
        Catalog = catalog;
        Time = time;
        StartedAt = time.GetTimestamp();
        ArrivedAt = time.GetUtcNow();
        GenerationId = generationId ?? ids.New(ArrivedAt);
    }

    public HttpContext Http { get; }

    /// <summary>The format the caller speaks.</summary>
    public IClientDialect Dialect { get; }

    /// <summary>The catalog this request is served from, whatever is published meanwhile.</summary>
    public CatalogSnapshot Catalog { get; }

    public TimeProvider Time { get; }

    /// <summary>When the request arrived, for durations.</summary>
    public long StartedAt { get; }

    /// <summary>The id of the answer and of its record.</summary>
    public string GenerationId { get; }

    /// <summary>When the request arrived.</summary>
    public DateTimeOffset ArrivedAt { get; }

    /// <summary>Set once Authenticate has named the caller.</summary>
    public ApiKey? Key { get; set; }

    /// <summary>The account's public id, shown in errors once the caller is known (P1).</summary>
    public string? UserId { get; set; }

    /// <summary>The preset the request was merged with; null without one.</summary>
    public UsedPreset? Preset { get; set; }

    /// <summary>Notes what is sent, where the answer may be kept; null where nobody asked for that.</summary>
    public AnswerRecording? Recording { get; set; }

    /// <summary>The model that served, for metrics; null until one did.</summary>
    public string? Model { get; set; }

    public TimeSpan Elapsed => Time.GetElapsedTime(StartedAt);
}
