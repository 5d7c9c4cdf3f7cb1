//! The header of an access unit as a decoder wants it: as if there were no master index table (6.4.4.2, R17).

use crate::access::{Access, RowRef};
use crate::file::AccessUnit;
use crate::tables::{AccessUnitHeader, AccessUnitHeaderSignature, AuType, DatasetHeader, DatasetType, MasterIndexTableUAccessUnitSignature};
use mpegg_runtime::bits::{BitString, BitWriter};
use mpegg_runtime::{Error, Result};

impl Access<'_> {
    /// The header of an access unit with what the table says of it; without a table the header as it stands.
    pub(crate) fn header_of(&self, row: Option<RowRef>, unit: &AccessUnit<'_>) -> Result<AccessUnitHeader> {
        let mut header = unit.header.clone();
        let at = unit.header_at.saturating_mul(8);
        let differs = |message: &'static str| Error::cross_reference(at, message).in_field("auhd", &[]).in_field("aucn", &[]);
        match row {
            None => {}
            Some(RowRef::Aligned { seq, ci, row }) => {
                if header.au_type == AuType::UTypeAu {
                    return Err(differs("an access unit of class U, but the table has it among those with positions"));
                }
                self.set_positions(&mut header, usize::from(seq), usize::from(ci), u64::from(row))?;
            }
            Some(RowRef::Unaligned { at: row, bytes, .. }) => {
                if header.au_type != AuType::UTypeAu {
                    return Err(differs("an access unit with positions, but the table has it among those of class U"));
                }
                let signatures = self.u_row(row, u64::from(bytes))?.signatures;
                let alphabet = self.alphabet(unit)?;
                header.signatures = signatures.iter().map(|signature| self.signature(signature, alphabet, row)).collect::<Result<_>>()?;
            }
        }
        Ok(header)
    }

    fn set_positions(&self, header: &mut AccessUnitHeader, seq: usize, ci: usize, row: u64) -> Result<()> {
        let Some((number, rows)) = self.row(seq, ci, row)? else { return Ok(()) };
        let rows = rows.as_ref();
        header.sequence_id = self.front.header.seq_id.get(seq).copied();
        header.au_start_position = rows.1.au_start_position.get(number);
        header.au_end_position = rows.1.au_end_position.get(number);
        // Written only where the unit's own parameter set has the flag (R12).
        header.extended_au_start_position = rows.1.extended_au_start_position.get(number);
        header.extended_au_end_position = rows.1.extended_au_end_position.get(number);
        Ok(())
    }

    /// A signature of the table in the alphabet of the unit; its length is written only where the unit's are not constant (R12).
    fn signature(&self, signature: &MasterIndexTableUAccessUnitSignature, alphabet: u64, row: u64) -> Result<AccessUnitHeaderSignature> {
        let stored = self.front.header.alphabet_id.code();
        let bits = &signature.u_cluster_signature;
        let letters = bits.bits() / if stored == 0 { 3 } else { 5 };
        let converted =
            if stored == alphabet { Some(bits.clone()) } else { bits.letters(stored).and_then(|letters| BitString::from_letters(&letters, alphabet)) };
        let message = "a signature with a letter that the alphabet of the access unit lacks";
        let wrong = || Error::malformed(row.saturating_mul(8), message).in_field("U_cluster_signature", &[]).in_field("mitb", &[]);
        Ok(AccessUnitHeaderSignature { u_signature_length: u8::try_from(letters).ok(), u_cluster_signature: converted.ok_or_else(wrong)? })
    }

    /// Whether the table and the header say all of a unit.
    ///
    /// # Errors
    ///
    /// Unsupported: signatures of a reference, which a table does not hold (R17).
    pub(crate) fn check_rebuilt(&self, row: Option<RowRef>, unit: &AccessUnit<'_>) -> Result<()> {
        let (file, dataset, sets) = (self.dataset.file_header(), &self.front.header, &self.front.parameter_sets);
        let of_class_u = row.is_some() && dataset.dataset_type == DatasetType::Reference && unit.header.au_type == AuType::UTypeAu;
        if of_class_u && unit.header.u_signature_flag(file, dataset, sets)? != 0 {
            let message = "the header of an access unit of a reference with signatures cannot be rebuilt: the master index table does not hold them";
            return Err(Error::unsupported(unit.header_at.saturating_mul(8), message).in_field("auhd", &[]).in_field("aucn", &[]));
        }
        Ok(())
    }

    /// The bytes of the header of a data unit.
    pub(crate) fn header_bytes(&self, row: Option<RowRef>, unit: &AccessUnit<'_>) -> Result<Vec<u8>> {
        if row.is_none() {
            return Ok(unit.header_value.clone());
        }
        let (file, dataset, sets) = (self.dataset.file_header(), &self.front.header, &self.front.parameter_sets);
        let at = unit.header_at.saturating_mul(8);
        self.check_rebuilt(row, unit)?;
        let mut header = self.header_of(row, unit)?;
        header.nesting_zero_bit = 0;
        let without_table = DatasetHeader { block_header_flag: true, mit_flag: Some(false), ..dataset.clone() };
        let mut w = BitWriter::new();
        header
            .write(&mut w, file, &without_table, sets)
            .map_err(|error| Error::malformed(at, error.message()).in_field(&error.path(), &[]).in_field("aucn", &[]))?;
        Ok(w.into_bytes())
    }
}
