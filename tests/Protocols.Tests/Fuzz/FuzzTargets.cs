using Fairlead.Testing.Fuzzing;

namespace Fairlead.Protocols.Tests.Fuzz;

/// <summary>
/// Every parser of bytes that come from outside. A new one belongs here; readers of configuration files are in <c>Catalog.Tests</c>
/// (<c>ConfigurationFuzzTests</c>).
/// </summary>
internal static class FuzzTargets
{
    public static readonly IReadOnlyList<FuzzTarget> All =
    [
        .. RequestTargets.All,
        .. FramingTargets.All,
        .. UpstreamTargets.All,
        .. EmbeddingTargets.All,
        .. TextTargets.All,
    ];
}
