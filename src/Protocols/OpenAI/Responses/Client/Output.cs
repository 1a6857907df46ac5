using System.Security.Cryptography;
using System.Text;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary>The items of one answer, in order, as its events fill them. Ids that the provider did not give are drawn from the generation's (I-48).</summary>
internal sealed class Output(string generationId)
{
    private readonly List<OutputItem> calls = [];

    public List<OutputItem> Items { get; } = [];

    /// <summary>The answer's id.</summary>
    public string ResponseId => Id("resp_", "response");

    /// <summary>The call <paramref name="index"/> of the answer.</summary>
    public OutputItem Call(int index) => calls[index];

    /// <summary>Begins an item; <paramref name="id"/> is the provider's, or null.</summary>
    public OutputItem Add(OutputKind kind, string? id = null)
    {
        var prefix = kind switch
        {
            OutputKind.Message => "msg_",
            OutputKind.Reasoning => "rs_",
            OutputKind.Call => "fc_",
            _ => "ig_",
        };
        var item = new OutputItem(kind, id ?? Id(prefix, Items.Count.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Items.Add(item);
        if (kind == OutputKind.Call)
            calls.Add(item);
        return item;
    }

    /// <summary>Takes a fragment of reasoning into its item.</summary>
    public static void Take(OutputItem item, ReasoningDetail detail)
    {
        item.Text.Append(detail.Text);
        item.Summary.Append(detail.Summary);
        item.Encrypted = detail.Type == "reasoning.encrypted" && detail.Data is { Length: > 0 } data ? item.Encrypted + data : item.Encrypted;
        item.Signature = detail.Signature is { Length: > 0 } signature ? item.Signature + signature : item.Signature;
        item.Format ??= detail.Format;
        item.Number = detail.Index;
    }

    /// <summary>A fragment belongs to an open item: they have the same number, and the item has no part yet that comes whole.</summary>
    public static bool Continues(OutputItem item, ReasoningDetail detail) => item.Kind == OutputKind.Reasoning && item.Number == detail.Index
        && (item.Format ?? detail.Format) == (detail.Format ?? item.Format) && !(item.Encrypted is not null && detail.Type == "reasoning.encrypted");

    /// <summary>All items of a whole answer.</summary>
    public static Output Of(AnswerParts parts, string generationId)
    {
        var output = new Output(generationId);
        OutputItem? open = null;
        foreach (var detail in parts.Details)
        {
            if (open is null || !Continues(open, detail))
                open = output.Add(OutputKind.Reasoning, detail.Id);
            Take(open, detail);
        }

        foreach (var image in parts.Images)
            output.Add(OutputKind.Image).Text.Append(Base64Of(image));
        if (parts.Text is not null || parts.Refusal is not null || parts.Calls.Count == 0)
        {
            var message = output.Add(OutputKind.Message);
            message.Text.Append(parts.Text);
            message.Refusal.Append(parts.Refusal);
            message.Citations.AddRange(parts.Citations);
        }

        foreach (var call in parts.Calls)
        {
            var item = output.Add(OutputKind.Call);
            item.Call = call.Call;
            item.Text.Append(call.Arguments);
        }

        return output;
    }

    /// <summary>An image's payload, which is bare here.</summary>
    public static string Base64Of(ImageProduced image) => DataUrl.TryParse(image.Url, out var data) ? data.Base64 : image.Url;

    private string Id(string prefix, string what)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{generationId}:{what}"));
        return prefix + Convert.ToHexStringLower(hash.AsSpan(0, 24));
    }
}
