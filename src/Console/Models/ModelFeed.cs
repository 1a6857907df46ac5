using System.Globalization;
using System.Text;
using System.Xml;
using Fairlead.Catalog.Snapshot;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Fairlead.Console.Models;

/// <summary>The model list as RSS 2.0 (P10), newest first.</summary>
internal sealed class ModelFeed(IOptions<ConsoleOptions> options)
{
    private static readonly XmlWriterSettings Settings =
        new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), Indent = true, CheckCharacters = true };

    /// <summary>Writes the feed. Links lead to the model's page, or to the chat room with the model chosen.</summary>
    public byte[] Write(IEnumerable<Model> models, HttpRequest request, bool chatLinks)
    {
        var origin = options.Value.WebOrigin ?? $"{request.Scheme}://{request.Host}";
        using var bytes = new MemoryStream();
        using (var xml = XmlWriter.Create(bytes, Settings))
        {
            xml.WriteStartElement("rss");
            xml.WriteAttributeString("version", "2.0");
            xml.WriteStartElement("channel");
            xml.WriteElementString("title", $"{options.Value.ProductName} Models");
            xml.WriteElementString("link", $"{origin}/models");
            xml.WriteElementString("description", $"Models served by {options.Value.ProductName}, newest first");
            foreach (var model in models.OrderByDescending(model => model.Created))
                WriteItem(xml, model, origin, chatLinks);
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        return bytes.ToArray();
    }

    private static void WriteItem(XmlWriter xml, Model model, string origin, bool chatLinks)
    {
        xml.WriteStartElement("item");
        xml.WriteElementString("title", Clean(model.Name));
        xml.WriteElementString("link", chatLinks ? $"{origin}/chat?models={Uri.EscapeDataString(model.Id)}" : $"{origin}/{model.Id}");
        xml.WriteStartElement("guid");
        xml.WriteAttributeString("isPermaLink", "false");
        xml.WriteString(Clean(model.CanonicalSlug));
        xml.WriteEndElement();
        xml.WriteElementString("pubDate", DateTimeOffset.FromUnixTimeSeconds(model.Created).ToString("R", CultureInfo.InvariantCulture));
        xml.WriteElementString("description", "");
        xml.WriteEndElement();
    }

    // An operator's file may name a model with a character XML cannot hold; the feed must not fail for it.
    private static string Clean(string text) => string.Concat(text.Where(XmlConvert.IsXmlChar));
}
