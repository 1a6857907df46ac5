using Fairlead.Accounts.Settings;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Prepare;

/// <summary>The models a request asks for, resolved against the catalog.</summary>
/// <param name="Request">The request, with what its model implies.</param>
/// <param name="Models">At least one.</param>
internal sealed record PreparedRequest(CanonicalRequest Request, IReadOnlyList<RequestedModel> Models);

/// <summary>
/// Prepare: resolves model slugs and their variants, merges what the account decided (routing §4.2), and refuses what this version does not offer in words,
/// rather than ignoring it. No I/O.
/// </summary>
internal static class Preparation
{
    private const string ThinkingSuffix = ":thinking";

    public static Outcome<PreparedRequest> Apply(InferenceContext context, CanonicalRequest request, AccountSettings account)
    {
        if (NotOffered(request, account) is { } refusal)
            return refusal;
        var options = context.Catalog.Options;
        if (options.MaxModels is > 0 and var most && request.Models.Count > most)
            return GatewayError.Invalid($"'models' array must have {most} items or fewer.", "models");
        var primary = request.Model ?? (request.Models.Count == 0 ? account.DefaultModel ?? options.DefaultModel : null);
        if (primary is null && request.Models.Count == 0)
            return GatewayError.Invalid("No model was given, and neither the account nor this gateway has a default model. Set \"model\".", "model");

        var models = new ModelList(context.Catalog, new SortChoice(request, account, options.Exacto));
        if (primary is not null && models.Add(primary, "model") is { } unknown)
            return unknown;
        for (var i = 0; i < request.Models.Count; i++)
        {
            if (models.Add(request.Models[i], $"models[{i}]") is { } unknownFallback)
                return unknownFallback;
        }

        return models.Found.Count > 0 ? new PreparedRequest(WithThinking(request, models.Found), models.Found) : models.Ended!;
    }

    /// <summary><c>:thinking</c> switches reasoning on where the request does not say otherwise (routing §2).</summary>
    private static CanonicalRequest WithThinking(CanonicalRequest request, List<RequestedModel> models) =>
        request.Reasoning is null && models[0].Model.Id.EndsWith(ThinkingSuffix, StringComparison.OrdinalIgnoreCase)
            ? request with { Reasoning = new ReasoningOptions(null, null, false, true, null), Used = request.Used | ParameterSet.Reasoning }
            : request;

    private static GatewayError? NotOffered(CanonicalRequest request, AccountSettings account)
    {
        if (request.Preset is not null)
            return ModelErrors.PresetsNotOffered();
        foreach (var plugin in account.Plugins)
        {
            // The account's switch holds where it prevents overrides, or the request says nothing (P43).
            if (plugin.Enabled && (plugin.PreventOverrides || !request.PluginsOff.Contains(plugin.Id)))
                return GatewayError.Invalid($"Plugin \"{plugin.Id}\" is not offered by this version of the gateway. It is switched on in the account's settings.", "plugins");
        }

        foreach (var id in request.Plugins)
        {
            if (!account.Plugins.Any(plugin => plugin.Id == id && plugin is { PreventOverrides: true, Enabled: false }))
                return GatewayError.Invalid($"Plugin \"{id}\" is not offered by this version of the gateway. Remove it from \"plugins\".", "plugins");
        }

        return null;
    }
}
