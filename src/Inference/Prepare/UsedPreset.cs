using Fairlead.Accounts.Presets;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Prepare;

/// <summary>The preset a request was merged with.</summary>
/// <param name="Preset">As it was then.</param>
/// <param name="GaveModel">The request names no model itself.</param>
/// <param name="GaveModels">The fallbacks are the preset's.</param>
internal sealed record UsedPreset(Preset Preset, bool GaveModel, bool GaveModels)
{
    /// <summary>An error about the models of a merged request; of one that the preset names it says so.</summary>
    public static GatewayError Explain(UsedPreset? used, GatewayError error)
    {
        if (used is null || error.Param is not { } param || !(param == "model" ? used.GaveModel : used.GaveModels))
            return error;
        return error with { Message = $"{error.Message.TrimEnd('.')}. It is the preset \"{used.Preset.Slug}\", version {used.Preset.Version.Number}, that says so.", Param = "preset" };
    }
}
