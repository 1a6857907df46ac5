using System.Buffers;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Console.Models;

/// <summary>
/// The model lists as bytes. Each listed model is written once per catalog snapshot; an answer is those bytes put in a row, so that the half megabyte
/// of a full list costs copying and leaves no garbage. Thread-safe.
/// </summary>
internal sealed class ModelListing(CatalogSource source)
{
    private volatile Written? written;

    /// <summary>The models of the snapshot in force, written at first use after each change.</summary>
    public Written Current
    {
        get
        {
            var catalog = source.Current;
            if (written is { } known && ReferenceEquals(known.Catalog, catalog))
                return known;
            // Two callers may both write the first time; both results are right.
            return written = new Written(catalog);
        }
    }

    /// <summary>The listed models of one snapshot, each as JSON.</summary>
    internal sealed class Written
    {
        private readonly FrozenDictionary<string, byte[]> byId;

        public Written(CatalogSnapshot catalog)
        {
            Catalog = catalog;
            byId = catalog.Listed.ToFrozenDictionary(
                model => model.Id,
                model => JsonSerializer.SerializeToUtf8Bytes(ModelMapping.ToModelObject(catalog, model), ConsoleJson.Wire.ModelObject),
                StringComparer.Ordinal);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var model in catalog.Listed)
                hash.AppendData(byId[model.Id]);
            Fingerprint = Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
        }

        public CatalogSnapshot Catalog { get; }

        /// <summary>Changes when any listed model, or their order, does.</summary>
        public string Fingerprint { get; }

        /// <summary>Writes the whole answer: <c>data</c>, <c>total_count</c>, <c>links</c>.</summary>
        public void Write(IBufferWriter<byte> output, IEnumerable<Model> page, int total, string? next)
        {
            output.Write("{\"data\":["u8);
            var first = true;
            foreach (var model in page)
            {
                if (!first)
                    output.Write(","u8);
                output.Write(byId[model.Id]);
                first = false;
            }

            output.Write("],\"total_count\":"u8);
            Encoding.ASCII.GetBytes(total.ToString(System.Globalization.CultureInfo.InvariantCulture), output);
            output.Write(",\"links\":{\"next\":"u8);
            if (next is null)
            {
                output.Write("null"u8);
            }
            else
            {
                output.Write("\""u8);
                output.Write(JsonEncodedText.Encode(next, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
                output.Write("\""u8);
            }

            output.Write("}}"u8);
        }
    }
}
