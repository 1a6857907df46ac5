using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fairlead.Accounts.Keys;
using Fairlead.Accounts.Presets;
using Fairlead.Console.Http;
using Fairlead.Protocols.Anthropic.Messages.Client;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.OpenAI.Responses.Client;
using Fairlead.Protocols.Presets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Fairlead.Console.Presets;

/// <summary>The presets of the caller's account (platform §10.3): lists them, stores inference bodies as new versions, goes back to earlier ones (P42).</summary>
internal static class PresetRoutes
{
    // The conversation of a body is not kept, but may be there.
    private const int LargestBody = 1024 * 1024;

    // Requests are held to the operator's cap when they use the preset.
    private const int AnyNumberOfModels = 0;

    public static void MapPresets(this IEndpointRouteBuilder api)
    {
        var presets = api.MapGroup("/presets").WithTags("presets");
        presets.MapGet("", ListAsync).WithSummary("The account's presets, last changed first.")
            .Produces<PresetsAnswer>().Produces<ErrorAnswer>(400).Produces<ErrorAnswer>(401);
        presets.MapGet("/{slug}", Get).WithSummary("One preset with the version requests get.")
            .Produces<PresetAnswer>().Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(404);
        presets.MapGet("/{slug}/versions", VersionsAsync).WithSummary("The versions of a preset that are kept, oldest first.")
            .Produces<PresetVersionsAnswer>().Produces<ErrorAnswer>(400).Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(404);
        presets.MapGet("/{slug}/versions/{version}", VersionAsync).WithSummary("One version of a preset.")
            .Produces<PresetVersionAnswer>().Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(404);
        presets.MapPost("/{slug}/versions/{version}/restore", RestoreAsync).WithSummary("Makes a copy of an earlier version the one requests get.")
            .Produces<PresetAnswer>().Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(404);
        MapSave(presets, "/{slug}/chat/completions", "chat completion", new ChatCompletionsDialect(AnyNumberOfModels));
        MapSave(presets, "/{slug}/messages", "message in Anthropic's format", new MessagesDialect(AnyNumberOfModels));
        MapSave(presets, "/{slug}/responses", "response", new ResponsesClientDialect(AnyNumberOfModels));
    }

    private static void MapSave(RouteGroupBuilder presets, string path, string what, IClientDialect dialect) =>
        presets.MapPost(path, (string slug, HttpContext http, CallerCheck callers, PresetStore store) => SaveAsync(slug, http, callers, store, dialect))
            .WithSummary($"Keeps what the body of a {what} says, without its conversation, as a preset's new version. Makes the preset where there is none.")
            .Produces<PresetAnswer>().Produces<ErrorAnswer>(400).Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(409).Produces<ErrorAnswer>(413);

    private static async Task<IResult> ListAsync(string? offset, string? limit, HttpContext http, CallerCheck callers, PresetStore store)
    {
        if (!callers.TryIdentify(http, out var caller, out var refusal))
            return refusal;
        if (!ListPage.TryRead(offset, limit, out var page, out var error))
            return Answers.Error(error, caller);
        var (presets, total) = await store.ListAsync(caller.AccountId, page.Offset, page.Limit, http.RequestAborted);
        return TypedResults.Json(new PresetsAnswer([.. presets.Select(PresetObject.Of)], total), ConsoleJson.Wire.PresetsAnswer);
    }

    private static IResult Get(string slug, HttpContext http, CallerCheck callers, PresetIndex index) =>
        TryFind(slug, http, callers, index, out _, out var preset, out var refusal) ? Show(preset) : refusal;

    private static async Task<IResult> VersionsAsync(string slug, string? offset, string? limit, HttpContext http, CallerCheck callers, PresetIndex index, PresetStore store)
    {
        if (!TryFind(slug, http, callers, index, out var caller, out var preset, out var refusal))
            return refusal;
        if (!ListPage.TryRead(offset, limit, out var page, out var error))
            return Answers.Error(error, caller);
        var (versions, total) = await store.VersionsAsync(preset.Id, page.Offset, page.Limit, http.RequestAborted);
        return TypedResults.Json(new PresetVersionsAnswer([.. versions.Select(version => PresetVersionObject.Of(version, preset.Id))], total), ConsoleJson.Wire.PresetVersionsAnswer);
    }

    private static async Task<IResult> VersionAsync(string slug, string version, HttpContext http, CallerCheck callers, PresetIndex index, PresetStore store)
    {
        if (!TryFind(slug, http, callers, index, out var caller, out var preset, out var refusal))
            return refusal;
        return int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && await store.FindVersionAsync(caller.AccountId, slug, number, http.RequestAborted) is { } found
            ? TypedResults.Json(new PresetVersionAnswer(PresetVersionObject.Of(found, preset.Id)), ConsoleJson.Wire.PresetVersionAnswer)
            : NoSuchVersion(caller);
    }

    private static async Task<IResult> RestoreAsync(string slug, string version, HttpContext http, CallerCheck callers, PresetIndex index, PresetStore store)
    {
        if (!TryFind(slug, http, callers, index, out var caller, out _, out var refusal))
            return refusal;
        return int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && await store.RestoreAsync(caller.AccountId, slug, number, caller.AccountPublicId, http.RequestAborted) is { } restored
            ? Show(restored)
            : NoSuchVersion(caller);
    }

    private static async Task<IResult> SaveAsync(string slug, HttpContext http, CallerCheck callers, PresetStore store, IClientDialect dialect)
    {
        if (!callers.TryIdentify(http, out var caller, out var refusal))
            return refusal;
        if (!PresetLimits.IsSlug(slug))
            return Answers.Error(GatewayError.Invalid("Invalid request parameters: slug must be 1 to 64 of a-z, 0-9 and -.", "slug"), caller);
        var (bytes, tooLarge) = await RequestBody.ReadBytesAsync(http.Request, LargestBody, http.RequestAborted);
        if (tooLarge is not null)
            return Answers.Error(tooLarge, caller);
        var (content, error) = PresetReader.Read(bytes, dialect);
        if (content is null)
            return Answers.Error(error!, caller);
        if (content.Config.Length + (content.SystemPrompt is { } prompt ? System.Text.Encoding.UTF8.GetByteCount(prompt) : 0) > PresetLimits.Bytes)
            return Answers.Error(new() { Kind = ErrorKind.PayloadTooLarge, Message = $"A preset may hold {PresetLimits.Bytes} bytes: its configuration and system prompt together." }, caller);
        return await store.SaveAsync(caller.AccountId, slug, new(content.SystemPrompt, content.Config, caller.AccountPublicId), http.RequestAborted) is { } saved
            ? Show(saved)
            : Answers.Error(new() { Kind = ErrorKind.InvalidRequest, Status = StatusCodes.Status409Conflict, Message = $"An account may keep {PresetLimits.Presets} presets, and has them." }, caller);
    }

    private static bool TryFind(
        string slug, HttpContext http, CallerCheck callers, PresetIndex index, [NotNullWhen(true)] out ApiKey? caller, [NotNullWhen(true)] out Preset? preset,
        [NotNullWhen(false)] out IResult? refusal)
    {
        preset = null;
        if (!callers.TryIdentify(http, out caller, out refusal))
            return false;
        preset = index.Find(caller.AccountId, slug);
        if (preset is null)
            refusal = Answers.NotFound("Preset not found", caller: caller);
        return preset is not null;
    }

    private static JsonHttpResult<PresetAnswer> Show(Preset preset) => TypedResults.Json(
        new PresetAnswer(PresetObject.Of(preset) with { DesignatedVersion = PresetVersionObject.Of(preset.Version, preset.Id) }), ConsoleJson.Wire.PresetAnswer);

    private static IResult NoSuchVersion(ApiKey caller) => Answers.NotFound("Preset version not found", caller: caller);
}
