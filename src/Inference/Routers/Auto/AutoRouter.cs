using System.Text.Json;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;
using Microsoft.Extensions.Logging;

namespace Fairlead.Inference.Routers.Auto;

/// <summary>
/// <c>openrouter/auto</c>: the kind of task, the operator's ranked list for it, what the caller allows and wants to pay, and of that the first models that can
/// serve the request. The first is the primary, the next ones its fallbacks. A conversation goes on with the model it had, while that is in one of the lists, is
/// allowed and can serve (routing §9).
/// </summary>
internal sealed partial class AutoRouter(ITaskClassifier? classifier, ILogger<AutoRouter> logger)
{
    /// <param name="fit">The request.</param>
    /// <param name="settings">What the caller wants.</param>
    /// <param name="before">The model of the conversation so far, as this node remembers it; null where it does not.</param>
    public Outcome<RouterChoice> Choose(RouterFit fit, AutoSettings settings, Model? before)
    {
        var catalog = fit.Context.Catalog;
        var options = catalog.Options.AutoRouter;
        var task = Classify(fit.Request, options.LongContextTokens, out var degraded);
        var pool = AutoPools.Of(catalog, task);
        var permitted = settings is { Allowed.Count: 0, Excluded.Count: 0 } ? pool : [.. pool.Where(model => IsPermitted(model, settings))];
        if (permitted.Count == 0)
        {
            return RouterErrors.NothingLeft(RouterSlugs.Auto, pool.Count > 0
                ? "allowed_models and excluded_models leave no model."
                : "no model of its lists can be reached. Set the key of a provider that serves one.");
        }

        var ranked = CostBands.Arrange(permitted, settings, options.CostQualityTradeoff);
        if (settings.PinModel && Pinned(fit.Request, catalog) is { } pinned && permitted.Contains(pinned))
            ranked = [pinned, .. ranked];
        else if (before is not null && AutoPools.HasAnywhere(catalog, before) && IsPermitted(before, settings))
            ranked = [before, .. ranked];
        var chosen = Fitting(ranked, fit, 1 + options.Fallbacks);
        if (chosen.Count == 0)
        {
            return RouterErrors.NothingLeft(
                RouterSlugs.Auto, $"none of {permitted.Count} models can serve this request: its input, tools, length, provider preferences or the account's settings rule each out.");
        }

        var reason = ReferenceEquals(chosen[0], before) ? $"the conversation goes on with {before.Id}" : degraded ? "the classifier failed, the list for chat was taken" : $"{chosen.Count} of {permitted.Count} ranked models taken, {chosen[0].Id} first";
        return new RouterChoice(chosen, new Routed(RouterSlugs.Auto, RouterKind.Auto, TaskTypes.Name(task), reason));
    }

    private TaskType Classify(CanonicalRequest request, int longContextTokens, out bool degraded)
    {
        degraded = false;
        try
        {
            return (classifier ?? new RuleClassifier(longContextTokens)).Classify(PromptSample.Of(request));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // a classifier never fails a request.
            LogClassifierFailed(failure);
            degraded = true;
            return TaskType.Chat;
        }
    }

    /// <summary>The first that can serve: with the output format asked for if one has it, which routing itself only prefers .</summary>
    private static List<Model> Fitting(IReadOnlyList<Model> ranked, RouterFit fit, int most)
    {
        var chosen = new List<Model>(most);
        for (var strictly = fit.Request.ResponseFormat is not null; ; strictly = false)
        {
            foreach (var model in ranked)
            {
                if (chosen.Count == most)
                    return chosen;
                if (!chosen.Contains(model) && fit.Serves(model, strictly))
                    chosen.Add(model);
            }

            if (!strictly || chosen.Count > 0)
                return chosen;
        }
    }

    private static bool IsPermitted(Model model, AutoSettings settings) =>
        (settings.Allowed.Count == 0 || settings.Allowed.Any(pattern => ModelPattern.Matches(pattern, model.Id)))
        && !settings.Excluded.Any(pattern => ModelPattern.Matches(pattern, model.Id));

    /// <summary>The model that the last assistant message says it is of.</summary>
    private static Model? Pinned(CanonicalRequest request, CatalogSnapshot catalog)
    {
        using var body = JsonDocument.Parse(request.Body);
        if (!body.RootElement.TryGetProperty("messages"u8, out var messages) || messages.ValueKind != JsonValueKind.Array)
            return null;
        for (var i = messages.GetArrayLength() - 1; i >= 0; i--)
        {
            var message = messages[i];
            if (message.TryGetProperty("role"u8, out var role) && role.ValueEquals("assistant"u8))
                return message.TryGetProperty("model"u8, out var model) && model.ValueKind == JsonValueKind.String ? catalog.Find(model.GetString()) : null;
        }

        return null;
    }

    [LoggerMessage(EventId = 60, Level = LogLevel.Warning, Message = "The classifier of the auto router failed; the request goes by the list for chat.")]
    private partial void LogClassifierFailed(Exception failure);
}
