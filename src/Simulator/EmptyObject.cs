using System.Text.Json;

namespace Fairlead.Simulator;

/// <summary>The schema of a tool without parameters.</summary>
internal static class EmptyObject
{
    public static readonly JsonElement Schema = JsonElement.Parse("""{"type":"object","properties":{}}""");
}
