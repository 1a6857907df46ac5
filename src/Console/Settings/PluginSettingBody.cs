using System.Text.Json;
using Fairlead.Accounts.Settings;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Console.Settings;

/// <summary>Reads an entry of <c>plugins</c>: <c>{id, enabled?, prevent_overrides?, options?}</c>.</summary>
internal static class PluginSettingBody
{
    public static readonly string Expected = $"{{id, enabled, prevent_overrides, options}} with an id among {string.Join(", ", PluginIds.Known!)}";

    /// <summary>Null when something about it is wrong or unknown.</summary>
    public static PluginSetting? Read(JsonElement entry)
    {
        string? id = null;
        var (enabled, fixedHere, options) = (true, false, "{}");
        foreach (var member in entry.EnumerateObject())
        {
            var value = member.Value;
            switch (member.Name)
            {
                case "id" when value.ValueKind == JsonValueKind.String && PluginIds.Known.Contains(value.GetString()):
                    id = value.GetString();
                    break;
                case "enabled" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    enabled = value.GetBoolean();
                    break;
                case "prevent_overrides" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    fixedHere = value.GetBoolean();
                    break;
                case "options" when value.ValueKind == JsonValueKind.Object:
                    options = value.GetRawText();
                    break;
                default:
                    return null;
            }
        }

        return id is null ? null : new PluginSetting(id, enabled, fixedHere, options);
    }
}
