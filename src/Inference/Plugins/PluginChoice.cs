using System.Text;
using System.Text.Json;
using Fairlead.Accounts.Settings;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Plugins;

/// <summary>
/// What is said about one plugin, by the request and by the account's settings (P43): the request's entry goes before the account's, options it leaves open keep
/// the account's value, and where the account prevents overrides its own entry is the only one.
/// </summary>
internal readonly struct PluginChoice
{
    private PluginChoice(bool isOn, bool isDefault, JsonElement asked, JsonElement preset) => (IsOn, IsOff, IsDefault, this.asked, this.preset) = (isOn, !isOn, isDefault, asked, preset);

    private readonly JsonElement asked;
    private readonly JsonElement preset;

    /// <summary>Switched on by somebody.</summary>
    public bool IsOn { get; }

    /// <summary>Switched off by somebody: it does not even do what it would do unasked.</summary>
    public bool IsOff { get; }

    /// <summary>Only the account's settings say so, and a request may say otherwise.</summary>
    public bool IsDefault { get; }

    /// <summary>Its options, in an order of preference; never fails.</summary>
    public PluginOptions Options(string id) => new($"plugins.{id}", asked, preset);

    public static PluginChoice Of(string id, CanonicalRequest request, AccountSettings account)
    {
        if (request.Plugins.Count == 0 && account.Plugins.Count == 0)
            return default;
        PluginEntry? entry = null;
        foreach (var candidate in request.Plugins)
        {
            if (candidate.Id == id)
                entry = candidate;
        }

        PluginSetting? setting = null;
        foreach (var candidate in account.Plugins)
        {
            if (candidate.Id == id)
                setting = candidate;
        }

        if (setting is { PreventOverrides: true })
            entry = null;
        if (entry is null && setting is null)
            return default;
        var isDefault = entry is null && setting is { PreventOverrides: false };
        return new PluginChoice(entry?.Enabled ?? setting!.Enabled, isDefault, Parse(entry?.Json ?? default), Parse(setting is null ? default : Encoding.UTF8.GetBytes(setting.Options)));
    }

    // Checked when they were read; what is kept of them outlives the request's own bytes.
    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
            return default;
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
