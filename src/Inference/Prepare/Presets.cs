using Fairlead.Accounts.Presets;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.Presets;

namespace Fairlead.Inference.Prepare;

/// <summary>
/// Merges a request with the preset it names (routing §3): <c>@preset/slug</c> as model, <c>author/name@preset/slug</c>, or <c>preset</c> beside a model. A request
/// that names none is returned as it is, and nothing is looked up.
/// </summary>
internal sealed class Presets(PresetIndex index)
{
    private static readonly ChatCompletionsDialect Chat = new(InferenceServices.MostModels);

    /// <summary>The request with what its preset says; which one that was is in <see cref="InferenceContext.Preset"/>.</summary>
    public Outcome<CanonicalRequest> Apply(InferenceContext context, CanonicalRequest request, long accountId)
    {
        if (!MayName(request))
            return request;
        if (FindSlug(request, out var slug) is { } wrong)
            return wrong;
        if (slug is null)
            return request;
        // Slugs are compared as models are: without regard to case.
        if (index.Find(accountId, slug.ToLowerInvariant()) is not { Status: PresetStatus.Active } preset)
            return new GatewayError { Kind = ErrorKind.NotFound, Message = "Preset not found", Param = request.Preset is null ? "model" : "preset" };

        var model = request.Model is { } named ? WithoutPreset(named) : null;
        var merged = PresetMerge.Merge(request, preset.Version.Config.Span, preset.Version.SystemPrompt, model);
        var (read, error) = Chat.ReadRequest(merged);
        if (read is null)
            return error! with { Message = $"{error.Message} The request was merged with preset \"{preset.Slug}\", version {preset.Version.Number}." };
        context.Preset = new UsedPreset(preset, GaveModel: model is null, GaveModels: model is null && request.Models.Count == 0);
        return read with
        {
            Dialect = request.Dialect,
            SessionId = request.SessionId,
            // What the model must see is no longer what the caller wrote. A response repeats what was asked, which it still is.
            Original = request.Dialect == ClientDialect.Responses ? request.Original : default,
        };
    }

    private static bool MayName(CanonicalRequest request)
    {
        if (request.Preset is not null || request.Model?.Contains('@', StringComparison.Ordinal) == true)
            return true;
        for (var i = 0; i < request.Models.Count; i++)
        {
            if (request.Models[i].Contains('@', StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static GatewayError? FindSlug(CanonicalRequest request, out string? slug)
    {
        slug = request.Preset;
        if (request.Model is { } model && Differs(ref slug, ModelReference.Parse(model).Preset, "model") is { } other)
            return other;
        for (var i = 0; i < request.Models.Count; i++)
        {
            var reference = ModelReference.Parse(request.Models[i]);
            var param = $"models[{i}]";
            if (reference is { Preset: not null, Slug: "" })
                return GatewayError.Invalid("A preset alone is named in \"model\" or \"preset\"; in \"models\" it follows a model: author/name@preset/slug.", param);
            if (Differs(ref slug, reference.Preset, param) is { } another)
                return another;
        }

        return null;
    }

    private static GatewayError? Differs(ref string? slug, string? named, string param)
    {
        if (named is null)
            return null;
        if (slug is not null && !slug.Equals(named, StringComparison.OrdinalIgnoreCase))
            return GatewayError.Invalid($"A request can use one preset: \"{slug}\" and \"{named}\" were named.", param);
        slug = named;
        return null;
    }

    /// <summary>The model before <c>@preset/</c>, with its suffixes; null where there is none.</summary>
    private static string? WithoutPreset(string model) =>
        model.IndexOf(ModelReference.PresetMark, StringComparison.OrdinalIgnoreCase) switch { < 0 => model, 0 => null, var at => model[..at] };
}
