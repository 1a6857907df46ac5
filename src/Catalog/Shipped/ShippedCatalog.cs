using System.IO.Compression;
using Fairlead.Catalog.Configuration;

namespace Fairlead.Catalog.Shipped;

/// <summary>
/// The models, endpoints and providers that come with the program: a configuration document like any other, made by
/// <c>scripts/build-catalog.py</c> from dated public snapshots (docs/catalog.md) and compressed into the assembly.
/// </summary>
internal static class ShippedCatalog
{
    /// <summary>Unpacks the document. Not kept: it is read again on each reload, which is rare, rather than held in memory for ever.</summary>
    public static ConfigurationDocument Open()
    {
        using var resource = typeof(ShippedCatalog).Assembly.GetManifestResourceStream("Fairlead.Catalog.Shipped.catalog.json.gz")!;
        using var unpacked = new GZipStream(resource, CompressionMode.Decompress);
        using var bytes = new MemoryStream(1 << 20);
        unpacked.CopyTo(bytes);
        return new("(shipped catalog)", bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
    }
}
