using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Plugins;
using Fairlead.Inference.Route;
using Fairlead.Inference.Routers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Prepare;

/// <summary>The models a request asks for, resolved against the catalog.</summary>
/// <param name="Request">The request, with what its model implies.</param>
/// <param name="Models">At least one.</param>
/// <param name="Plugins">What plugins have to do for it.</param>
internal sealed record PreparedRequest(CanonicalRequest Request, IReadOnlyList<RequestedModel> Models, PluginRuns Plugins)
{
    /// <summary>What a router decided; null where the request names its models.</summary>
    public Routed? Routed { get; init; }
}

/// <summary>
/// Prepare: resolves model slugs and their variants, merges what the account decided (routing §4.2), decides which plugins run, and refuses what this version does
/// not offer in words, rather than ignoring it. No I/O.
/// </summary>
internal static class Preparation
{
    private const string ThinkingSuffix = ":thinking";

    public static Outcome<PreparedRequest> Apply(InferenceContext context, CanonicalRequest request, AccountSettings account, ModelRouters routers, PluginSet plugins)
    {
        var options = context.Catalog.Options;
        if (options.MaxModels is > 0 and var most && request.Models.Count > most)
            return UsedPreset.Explain(context.Preset, GatewayError.Invalid($"'models' array must have {most} items or fewer.", "models"));
        var primary = request.Model ?? (request.Models.Count == 0 ? account.DefaultModel ?? options.DefaultModel : null);
        if (primary is null && request.Models.Count == 0)
            return GatewayError.Invalid("No model was given, and neither the account nor this gateway has a default model. Set \"model\".", "model");

        var models = new ModelList(context.Catalog, new SortChoice(request, account, options.Exacto), routers, new RouterFit(context, request, account));
        if (primary is not null && models.Add(primary, "model") is { } unknown)
            return UsedPreset.Explain(context.Preset, unknown);
        for (var i = 0; i < request.Models.Count; i++)
        {
            if (models.Add(request.Models[i], $"models[{i}]") is { } unknownFallback)
                return UsedPreset.Explain(context.Preset, unknownFallback);
        }

        if (models.Found.Count == 0)
            return models.Ended!;
        request = WithReasoning(WithThinking(models.Online ? WithSearch(request) : request, models.Found), primary, models.Found[0].Model);
        // What the gateway answers itself needs nothing searched or parsed for it.
        var runs = PluginRuns.None;
        if (models.Routed is not { Kind: RouterKind.BodyBuilder } && !plugins.Begin(context, request, models.Found, account).Try(out runs, out var error))
            return error;
        return new PreparedRequest(request, models.Found, runs) { Routed = models.Routed };
    }

    /// <summary>
    /// An alias of a family cannot be wrong about reasoning: where its model always thinks, "do not think" becomes the least it can (inference §7.2).
    /// </summary>
    private static CanonicalRequest WithReasoning(CanonicalRequest request, string? primary, Model model)
    {
        if (primary is not ['~', ..] || model.Reasoning is not { Mandatory: true } support || request.Reasoning is not { IsOff: true } off)
            return request;
        var least = support.SupportedEfforts.FirstOrDefault(static effort => effort != "none");
        return request with { Reasoning = off with { Effort = least, MaxTokens = null, Enabled = least is null ? true : null } };
    }

    /// <summary><c>:online</c> is the web plugin, unless the request says something about that itself .</summary>
    private static CanonicalRequest WithSearch(CanonicalRequest request) =>
        request.Plugins.Any(static entry => entry.Id == "web") ? request : request with { Plugins = [.. request.Plugins, new PluginEntry("web", true, "{}"u8.ToArray())] };

    /// <summary><c>:thinking</c> switches reasoning on where the request does not say otherwise (routing §2).</summary>
    private static CanonicalRequest WithThinking(CanonicalRequest request, List<RequestedModel> models) =>
        request.Reasoning is null && models[0].Model.Id.EndsWith(ThinkingSuffix, StringComparison.OrdinalIgnoreCase)
            ? request with { Reasoning = new ReasoningOptions(null, null, false, true, null), Used = request.Used | ParameterSet.Reasoning }
            : request;
}
