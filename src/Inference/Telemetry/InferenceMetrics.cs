using System.Diagnostics;
using System.Diagnostics.Metrics;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Telemetry;

/// <summary>
/// The room's instruments. Names follow the OpenTelemetry GenAI conventions where those have one (v1.37), else <c>fairlead.*</c>. Tags are of low
/// cardinality: model, provider, status; never a key or a request id.
/// </summary>
internal sealed class InferenceMetrics
{
    /// <summary>The meter's name, for the host's writer.</summary>
    public const string MeterName = "Fairlead.Inference";

    // Boxed once: most requests end with it.
    private static readonly object Good = 200;

    private readonly Counter<long> requests;
    private readonly Counter<long> attempts;
    private readonly Counter<long> tokens;
    private readonly Counter<double> cost;
    private readonly Counter<long> refusedUsage;
    private readonly Counter<long> misfits;
    private readonly Counter<long> limited;
    private readonly Histogram<double> firstToken;
    private readonly Histogram<double> duration;
    private readonly Histogram<double> overhead;
    private readonly UpDownCounter<long> open;

    public InferenceMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        requests = meter.CreateCounter<long>("fairlead.requests", "{request}", "Inference requests ended, by model and HTTP status.");
        attempts = meter.CreateCounter<long>("fairlead.attempts", "{attempt}", "Attempts at upstream endpoints, by model, provider and outcome.");
        tokens = meter.CreateCounter<long>("fairlead.tokens", "{token}", "Tokens of served answers, by model, provider and type.");
        cost = meter.CreateCounter<double>("fairlead.cost", "{USD}", "Dollars charged, by model and provider. For charts; the ledger is the truth.");
        refusedUsage = meter.CreateCounter<long>("fairlead.usage_refused", "{answer}", "Answers whose reported usage was negative or absurd and was replaced by our own count.");
        misfits = meter.CreateCounter<long>("fairlead.schema_misfits", "{answer}", "Answers to requests with a strict JSON Schema that do not fit it, by model and provider.");
        limited = meter.CreateCounter<long>("fairlead.rate_limited", "{request}", "Requests refused by a rate limit of this gateway, by limit.");
        firstToken = meter.CreateHistogram<double>("fairlead.time_to_first_token", "s", "From the request's arrival to the first token of an answer.");
        duration = meter.CreateHistogram<double>("fairlead.request_duration", "s", "From the request's arrival to the answer's end.");
        overhead = meter.CreateHistogram<double>("fairlead.overhead", "s", "Time the gateway itself added before the first upstream byte was sent.");
        open = meter.CreateUpDownCounter<long>("fairlead.open_requests", "{request}", "Inference requests being served.");
    }

    public void Opened() => open.Add(1);

    public void Closed(string model, int status, TimeSpan took)
    {
        open.Add(-1);
        var tags = new TagList { { "model", model }, { "status", status == 200 ? Good : status } };
        requests.Add(1, tags);
        if (duration.Enabled)
            duration.Record(took.TotalSeconds);
    }

    public void Misfit(ModelEndpoint endpoint) =>
        misfits.Add(1, new KeyValuePair<string, object?>("model", endpoint.ModelId), new KeyValuePair<string, object?>("provider", endpoint.Provider.Slug));

    public void Limited(string limit) => limited.Add(1, new KeyValuePair<string, object?>("limit", limit));

    public void Dispatched(TimeSpan ownTime)
    {
        if (overhead.Enabled)
            overhead.Record(ownTime.TotalSeconds);
    }

    public void Attempted(ModelEndpoint endpoint, UpstreamFailure? failure)
    {
        if (attempts.Enabled)
        {
            attempts.Add(1, new TagList
            {
                { "model", endpoint.ModelId }, { "provider", endpoint.Provider.Slug }, { "outcome", failure is null ? "ok" : ErrorKinds.WireName(failure.Kind) },
            });
        }
    }

    public void Served(ModelEndpoint endpoint, in Usage usage, decimal dollars, TimeSpan firstTokenAfter, bool usageRefused)
    {
        if (!tokens.Enabled)
            return;
        var model = new KeyValuePair<string, object?>("model", endpoint.ModelId);
        var provider = new KeyValuePair<string, object?>("provider", endpoint.Provider.Slug);
        tokens.Add(usage.PromptTokens, model, provider, new("type", "prompt"));
        tokens.Add(usage.CompletionTokens, model, provider, new("type", "completion"));
        cost.Add((double)dollars, model, provider);
        firstToken.Record(firstTokenAfter.TotalSeconds, model, provider);
        if (usageRefused)
            refusedUsage.Add(1, model, provider);
    }
}
