using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fairlead.Console.Activity;
using Fairlead.Console.Credits;
using Fairlead.Console.Endpoints;
using Fairlead.Console.Generations;
using Fairlead.Console.Http;
using Fairlead.Console.Keys;
using Fairlead.Console.Models;
using Fairlead.Console.Parameters;
using Fairlead.Console.Presets;
using Fairlead.Console.Providers;
using Fairlead.Console.Settings;

namespace Fairlead.Console;

/// <summary>How the room's answers are written.</summary>
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(ModelObject))]
[JsonSerializable(typeof(ModelAnswer))]
[JsonSerializable(typeof(ModelsAnswer))]
[JsonSerializable(typeof(ModelCountAnswer))]
[JsonSerializable(typeof(ModelEndpointsAnswer))]
[JsonSerializable(typeof(EndpointsAnswer))]
[JsonSerializable(typeof(ProvidersAnswer))]
[JsonSerializable(typeof(ParametersAnswer))]
[JsonSerializable(typeof(GenerationAnswer))]
[JsonSerializable(typeof(CreditsAnswer))]
[JsonSerializable(typeof(CurrentKeyAnswer))]
[JsonSerializable(typeof(KeysAnswer))]
[JsonSerializable(typeof(KeyAnswer))]
[JsonSerializable(typeof(CreatedKeyAnswer))]
[JsonSerializable(typeof(DeletedKeyAnswer))]
[JsonSerializable(typeof(ActivityAnswer))]
[JsonSerializable(typeof(AccountSettingsAnswer))]
[JsonSerializable(typeof(PresetsAnswer))]
[JsonSerializable(typeof(PresetAnswer))]
[JsonSerializable(typeof(PresetVersionsAnswer))]
[JsonSerializable(typeof(PresetVersionAnswer))]
internal sealed partial class ConsoleJson : JsonSerializerContext
{
    /// <summary>Writes <c>text-&gt;text</c> as it is: these answers are JSON documents and never part of a page.</summary>
    public static ConsoleJson Wire { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
