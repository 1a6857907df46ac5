using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Fairlead.Catalog.Pricing;
using Fairlead.Catalog.Pricing.Recomputation;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Admit;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Explain;
using Fairlead.Inference.Route;
using Fairlead.Inference.Route.Decisions;
using Fairlead.Inference.Telemetry;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Microsoft.Extensions.Logging;

namespace Fairlead.Inference.Settle;

/// <summary>
/// Settle: turns what happened into one charge and one generation record, in one transaction. Completes only when both are durable; what it returns
/// is what may be shown.
/// </summary>
internal sealed partial class Settler(CreditLedger ledger, PromptCaches caches, InferenceMetrics metrics, ILogger<Settler> logger)
{
    // The part of an attempt's record that only depends on the endpoint, made once.
    private readonly ConditionalWeakTable<ModelEndpoint, string> served = [];

    /// <summary>What a caller is told when the charge could not be made durable. Why is the operator's to know: the ledger has logged it.</summary>
    public static GatewayError Unrecorded { get; } = new()
    {
        Kind = ErrorKind.Server, Status = 503, RetryAfterSeconds = 1,
        Message = "Service temporarily unavailable: the gateway's database could not record the request. The answer is withheld and nothing was charged.",
    };

    /// <summary>
    /// Settles an answer, whole or broken. What waits for the commit is kept small: there is one for every request in flight. Throws
    /// <see cref="Storage.StorageException"/> when the charge could not be made durable.
    /// </summary>
    public ValueTask<AnswerCharge> AnswerAsync(InferenceContext context, CanonicalRequest request, Admission admission, AttemptLog log, in AnswerFacts facts)
    {
        var candidate = facts.Candidate;
        var usage = UsageReview.Review(facts.Reported, facts.ReportedPrompt, in candidate, facts.CountEmitted, facts.Images, out var refused);
        if (refused)
            LogRefusedUsage(candidate.Endpoint.Provider.Slug, candidate.Endpoint.ModelId, context.GenerationId);
        var outcome = BillingMatrix.OutcomeOf(in facts, usage.CompletionTokens);
        var pricing = new PricingContext { Images = request.Content.Images, At = context.ArrivedAt };
        if (log.Plugins.Loop is { } loop)
            (usage, pricing) = loop.WithEarlierTurns(usage, pricing);
        if (outcome == BillingOutcome.Complete && !refused && request.Embeddings is null)
            caches.Remember(context, request, in candidate, in usage, admission.Plan.Routed);
        if (log.Schemas is { Fault: not null })
            metrics.Misfit(candidate.Endpoint);
        var row = BillingMatrix.Of(outcome, request.Stream, candidate.Endpoint.CanAbort);
        var fee = facts.OwnKeyRequests is { } before ? context.Catalog.Options.Byok.RateAfter(before) : (int?)null;
        var plugins = row.Pays == Pays.Nothing ? [] : log.Plugins.Fees;
        var (tier, prices) = ServedTier.Of(in facts);
        var cost = prices.CostOf(usage, pricing);

        var generation = RequestRecord.Of(context, request, Attempts(log), DecisionWriter.Encode(admission.Plan)) with
        {
            Model = candidate.Model.Id,
            ModelPermaslug = candidate.Model.CanonicalSlug,
            EndpointId = candidate.Endpoint.Id,
            ProviderName = candidate.Endpoint.Provider.Name,
            UpstreamId = facts.UpstreamId,
            Cost = BillingMatrix.Due(row, cost.Total, fee, PluginFee.Sum(plugins)),
            UpstreamCost = Credits.Round(cost.Total),
            CacheDiscount = cost.CacheDiscount is { } discount ? Credits.Round(discount) : null,
            PriceSnapshot = prices.ToJson(),
            Cancelled = facts.Cancelled || row.Cancelled,
            IsByok = fee is not null,
            UsageEstimated = usage.Estimated,
            FinishReason = FinishReasons.Recorded(row.Finish, facts.Finish),
            NativeFinishReason = facts.NativeFinish,
            LatencyMs = (int)facts.FirstTokenAfter.TotalMilliseconds,
            GenerationMs = (int)(context.Elapsed - facts.FirstTokenAfter).TotalMilliseconds,
            TokensPrompt = request.Content.PromptTokens,
            TokensCompletion = usage.CompletionTokens,
            NativeTokensPrompt = usage.PromptTokens,
            NativeTokensCompletion = usage.CompletionTokens,
            NativeTokensReasoning = usage.ReasoningTokens,
            NativeTokensCached = usage.CachedTokens,
            NativeTokensCompletionImages = usage.ImageCompletionTokens,
            MediaCompletion = facts.Images,
            SearchResults = (int)(usage.WebSearchRequests + PluginFee.Results(plugins)),
            UsageDetail = UsageDetail.WithTier(UsageDetail.WithModeration(UsageDetail.Write(usage, pricing, fee ?? 0, plugins), log.Plugins.ModerationMs), tier),
        };
        var charge = new AnswerCharge
        {
            Usage = usage,
            Cost = generation.Cost.Dollars,
            TookSeconds = (long)context.Elapsed.TotalSeconds,
            IsByok = fee is not null,
            UpstreamPromptCost = cost.PromptCost,
            UpstreamCompletionCost = cost.CompletionCost,
            UpstreamCost = cost.Total,
            ToolUse = log.Plugins.Loop?.Use,
            ServiceTier = ServiceTiers.WireName(tier),
            RouterMetadata = RouterMetadata.IsWanted(context.Http.Request.Headers)
                ? RouterMetadata.Of(context, request, admission.Plan, log, candidate.Endpoint)
                : default,
        };
        return SettledAsync(ledger.SettleAsync(admission.Hold, generation), admission, candidate.Endpoint, candidate.Model, facts.FirstTokenAfter, charge, refused);
    }

    private async ValueTask<AnswerCharge> SettledAsync(
        ValueTask<Credits> settlement, Admission admission, ModelEndpoint endpoint, Model model, TimeSpan firstTokenAfter, AnswerCharge charge, bool refused)
    {
        var charged = (await settlement).Dollars;
        if (charged != charge.Cost)
            charge = charge with { Cost = charged };
        admission.Settled(charge.Usage.PromptTokens + charge.Usage.CompletionTokens, model);
        metrics.Served(endpoint, charge.Usage, charged, firstTokenAfter, refused);
        return charge;
    }

    /// <summary>Records a request no endpoint answered: cost zero, the hold released.</summary>
    public async ValueTask UnansweredAsync(InferenceContext context, CanonicalRequest request, Admission admission, AttemptLog log, RoutePlan plan, bool cancelled)
    {
        var first = plan.Candidates[plan.Attempts[0]];
        var last = log.Entries.Count > 0 ? log.Entries[^1].Endpoint : first.Endpoint;
        var row = BillingMatrix.Of(cancelled ? BillingOutcome.CallerLeftEarly : BillingOutcome.Unanswered, request.Stream, last.CanAbort);
        await ledger.SettleAsync(admission.Hold, RequestRecord.Of(context, request, Attempts(log), DecisionWriter.Encode(admission.Plan)) with
        {
            Model = first.Model.Id,
            ModelPermaslug = first.Model.CanonicalSlug,
            Cancelled = row.Cancelled,
            FinishReason = FinishReasons.Recorded(row.Finish, FinishReason.None),
            TokensPrompt = request.Content.PromptTokens,
            UsageDetail = UsageDetail.WithModeration("", log.Plugins.ModerationMs),
        });
        admission.Settled(tokens: 0, first.Model);
    }

    private static string Names(ModelEndpoint endpoint) =>
        $"{{\"provider_name\":\"{JsonEncodedText.Encode(endpoint.Provider.Name)}\",\"endpoint_id\":\"{JsonEncodedText.Encode(endpoint.Id)}\",";

    private string? Attempts(AttemptLog log)
    {
        if (log.Entries.Count == 0)
            return null;
        var text = new DefaultInterpolatedStringHandler(2, 0, CultureInfo.InvariantCulture, stackalloc char[256]);
        text.AppendLiteral("[");
        var isFirst = true;
        foreach (ref readonly var entry in log.Written)
        {
            text.AppendLiteral(isFirst ? "" : ",");
            isFirst = false;
            text.AppendLiteral(served.GetValue(entry.Endpoint, Names));
            text.AppendLiteral("\"status\":");
            if (entry.Status == 0)
                text.AppendLiteral("null");
            else
                text.AppendFormatted(entry.Status);
            text.AppendLiteral(",\"latency\":");
            text.AppendFormatted((long)entry.Took.TotalMilliseconds);
            text.AppendLiteral("}");
        }

        text.AppendLiteral("]");
        return text.ToStringAndClear();
    }

    [LoggerMessage(EventId = 201, Level = LogLevel.Warning, Message = "Provider {Provider} reported negative or absurd usage for {Model}; {Generation} was charged by our own count.")]
    private partial void LogRefusedUsage(string provider, string model, string generation);
}
