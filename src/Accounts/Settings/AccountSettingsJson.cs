using System.Text.Json.Serialization;

namespace Fairlead.Accounts.Settings;

/// <summary>How lists of settings are stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<PluginSetting>))]
internal sealed partial class AccountSettingsJson : JsonSerializerContext;
