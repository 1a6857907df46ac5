namespace Fairlead.Catalog.Configuration;

/// <summary>Reads the <c>inference.file_parser</c> object.</summary>
internal static class FileParserOptionsReader
{
    private static readonly MemberNames Members = new("file_parser", "mistral_ocr", "max_ocr_pages");

    public static void Read(ref ConfigurationCursor json, List<Func<GatewayOptions, GatewayOptions>> changes)
    {
        if (json.IsNull || !json.EnterObject())
            return;
        while (json.NextMember(Members, out var name))
        {
            if (name == "mistral_ocr")
            {
                if (OutsideServiceReader.Read(ref json) is { } change)
                    changes.Add(o => o with { FileParser = o.FileParser with { MistralOcr = change(o.FileParser.MistralOcr) } });
            }
            else if (json.Whole(1, 10_000) is { } pages)
            {
                changes.Add(o => o with { FileParser = o.FileParser with { MaxOcrPages = (int)pages } });
            }
        }
    }
}
