using System.Text.Json;

namespace Fairlead.Protocols.Json;

/// <summary>Bounds on JSON that comes from outside.</summary>
internal static class JsonLimits
{
    /// <summary>Levels of nesting accepted. Tool schemas of real callers stay below 30; the framework's default of 64 would do, a request may use a bit more.</summary>
    public const int Depth = 128;

    /// <summary>Options of every reader over such JSON.</summary>
    public static JsonReaderOptions Reader => new() { MaxDepth = Depth, CommentHandling = JsonCommentHandling.Disallow };
}
